package dev.durable.internal.client;

import dev.durable.execution.Execution;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.text.IndexedText;
import dev.durable.json.TypeRef;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import dev.durable.workflow.Workflow;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sends events: stores them in the execution's mailbox, which wakes a waiting execution in the same
 * transaction.
 *
 * <p>Where an event wakes an execution: one that waits at rest, in {@code MailboxStore}; one that
 * runs here, through {@code Engine.signalled}; one that runs on another worker, through its {@code
 * Hints} or its next look into the mailbox ({@code Mailboxes}).
 *
 * @param sent receives the execution to which an event was sent
 */
public record EventSender(
    MailboxStore events, ExecutionStore executions, Payloads payloads, Consumer<UUID> sent) {

  private static final TypeRef<Object> ANYTHING = TypeRef.of(Object.class);

  public <E> Delivery send(UUID id, Event<E> event, E payload, Consumer<? super SendOptions> with) {
    Objects.requireNonNull(event, "event");
    return send(id, event.name(), encode(payloads, event, payload), with);
  }

  /** The JSON of a payload, as it will be sent. */
  static <E> String encode(Payloads payloads, Event<E> event, E payload) {
    return payloads.prepare(what(event.name()), payload, event.type()).json();
  }

  <E> String encode(Event<E> event, E payload) {
    return encode(payloads, event, payload);
  }

  public Delivery send(UUID id, String event, String json, Consumer<? super SendOptions> with) {
    Objects.requireNonNull(id, "id");
    SendOptions options = SendOptions.of(with);
    String once = options.idempotencyKey();
    if (once != null) {
      requireIndexable(event, once);
    }
    Delivery delivery = Delivery.of(events.send(new MailboxStore.Message(id, event, json, once)));
    if (delivery == Delivery.DELIVERED || delivery == Delivery.BUFFERED) {
      sent.accept(id);
    }
    return delivery;
  }

  private static void requireIndexable(String event, String once) {
    if (!IndexedText.fits(event, once)) {
      throw new IllegalArgumentException(
          "An event's name and its idempotency key take "
              + IndexedText.bytes(event, once)
              + " bytes here, and at most "
              + IndexedText.MOST_BYTES
              + " can be kept: shorten one of them.");
    }
  }

  public Delivery sendJson(UUID id, String event, String json, Consumer<? super SendOptions> with) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(json, "json");
    String name = new Event<>(event, ANYTHING).name();
    return send(id, name, payloads.fromPlain(what(name), json), with);
  }

  public <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      Consumer<? super SendOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(event, "event");
    String json = encode(payloads, event, payload);
    return sendToHolder(workflow.name(), key, id -> send(id, event.name(), json, with));
  }

  public Delivery sendJsonByKey(
      String workflow, String key, String event, String json, Consumer<? super SendOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(key, "key");
    return sendToHolder(workflow, key, id -> sendJson(id, event, json, with));
  }

  /** Sends to the execution that has the key: to the next one if that has lost it meanwhile. */
  private Delivery sendToHolder(String workflow, String key, Function<UUID, Delivery> send) {
    UUID last = null;
    while (true) {
      UUID holder = executions.find(workflow, key).map(Execution::id).orElse(null);
      if (holder == null || holder.equals(last)) {
        return last == null ? Delivery.NOT_FOUND : Delivery.CLOSED;
      }
      Delivery delivery = send.apply(holder);
      if (delivery != Delivery.CLOSED) {
        return delivery;
      }
      last = holder;
    }
  }

  private static String what(String event) {
    return "payload of event '" + event + "'";
  }
}
