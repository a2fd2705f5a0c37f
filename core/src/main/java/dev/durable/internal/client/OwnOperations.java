package dev.durable.internal.client;

import dev.durable.DurableOperations;
import dev.durable.StartOptions;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.store.Stores;
import dev.durable.question.Questions;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The operations of an instance, each with a transaction of its own. */
public record OwnOperations(
    Starter starter,
    CallerTransactions transactions,
    EventSender events,
    Questions questions,
    ExecutionCommands commands,
    LocalWorkers workers)
    implements DurableOperations {

  /**
   * The operations of an instance.
   *
   * @param workers the workers of the instance, which learn at once of what wakes an execution
   */
  public static OwnOperations of(
      Stores stores,
      Starter starter,
      CallerTransactions transactions,
      Payloads payloads,
      ExecutionReads reads,
      LocalWorkers workers) {
    return new OwnOperations(
        starter,
        transactions,
        new EventSender(stores.mailboxes(), stores.executions(), payloads, workers::signalled),
        new StoredQuestions(stores.questions(), stores.executions(), payloads, workers::signalled),
        ExecutionCommands.of(stores, reads, workers),
        workers);
  }

  @Override
  public <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, Consumer<? super StartOptions> with) {
    return starter.start(workflow, input, with);
  }

  @Override
  public ExecutionHandle<String> start(
      String workflow, String json, Consumer<? super StartOptions> with) {
    return starter.start(workflow, json, with);
  }

  @Override
  public <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    return starter.startAll(workflow, inputs, with);
  }

  @Override
  public <I, O, E> ExecutionHandle<O> startAndSend(
      Workflow<I, O> workflow,
      I input,
      Event<E> event,
      E payload,
      Consumer<? super StartOptions> with) {
    ExecutionHandle<O> started = transactions.startAndSend(workflow, input, event, payload, with);
    workers.look();
    return started;
  }

  @Override
  public <E> Delivery send(UUID id, Event<E> event, E payload, Consumer<? super SendOptions> with) {
    return events.send(id, event, payload, with);
  }

  @Override
  public Delivery send(UUID id, String event, String json, Consumer<? super SendOptions> with) {
    return events.sendJson(id, event, json, with);
  }

  @Override
  public <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      Consumer<? super SendOptions> with) {
    return events.sendByKey(workflow, key, event, payload, with);
  }

  @Override
  public Delivery sendByKey(
      String workflow, String key, String event, String json, Consumer<? super SendOptions> with) {
    return events.sendJsonByKey(workflow, key, event, json, with);
  }

  @Override
  public void cancel(UUID id, String reason) {
    commands.cancel(id, reason);
  }

  @Override
  public void retry(UUID id) {
    commands.retry(id);
  }

  @Override
  public void giveUp(UUID id, String reason) {
    commands.giveUp(id, reason);
  }

  @Override
  public void reschedule(UUID id, Instant time) {
    commands.reschedule(id, time);
  }

  @Override
  public void reschedule(UUID id, Duration wait) {
    commands.reschedule(id, wait);
  }

  @Override
  public void cancelWaits(UUID id) {
    commands.cancelWaits(id, null);
  }

  @Override
  public void cancelWait(UUID id, String path) {
    Objects.requireNonNull(path, "path");
    commands.cancelWaits(id, path);
  }
}
