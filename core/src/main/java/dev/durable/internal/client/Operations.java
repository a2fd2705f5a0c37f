package dev.durable.internal.client;

import dev.durable.DurableOperations;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Operations whose events and commands go through classes that know in which transaction: hands
 * each call on.
 */
interface Operations extends DurableOperations {

  EventSender messages();

  ExecutionCommands commands();

  // ---- events ----

  @Override
  default <E> Delivery send(
      UUID id, Event<E> event, E payload, Consumer<? super SendOptions> with) {
    return messages().send(id, event, payload, with);
  }

  @Override
  default Delivery send(UUID id, String event, String json, Consumer<? super SendOptions> with) {
    return messages().sendJson(id, event, json, with);
  }

  @Override
  default <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      Consumer<? super SendOptions> with) {
    return messages().sendByKey(workflow, key, event, payload, with);
  }

  @Override
  default Delivery sendByKey(
      String workflow, String key, String event, String json, Consumer<? super SendOptions> with) {
    return messages().sendJsonByKey(workflow, key, event, json, with);
  }

  // ---- commands ----

  @Override
  default void cancel(UUID id, String reason) {
    commands().cancel(id, reason);
  }

  @Override
  default void retry(UUID id) {
    commands().retry(id);
  }

  @Override
  default void giveUp(UUID id, String reason) {
    commands().giveUp(id, reason);
  }

  @Override
  default void reschedule(UUID id, Instant time) {
    commands().reschedule(id, time);
  }

  @Override
  default void reschedule(UUID id, Duration wait) {
    commands().reschedule(id, wait);
  }

  @Override
  default void cancelWaits(UUID id) {
    commands().cancelWaits(id, null);
  }

  @Override
  default void cancelWait(UUID id, String path) {
    Objects.requireNonNull(path, "path");
    commands().cancelWaits(id, path);
  }
}
