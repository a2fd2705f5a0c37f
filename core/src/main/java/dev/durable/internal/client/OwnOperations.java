package dev.durable.internal.client;

import dev.durable.StartOptions;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.store.Stores;
import dev.durable.question.Questions;
import dev.durable.queue.Queues;
import dev.durable.schedule.Schedules;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The operations of an instance, each with a transaction of its own. */
public record OwnOperations(
    Starter starter,
    CallerTransactions transactions,
    EventSender messages,
    Questions questions,
    Queues queues,
    ExecutionCommands commands,
    Schedules schedules,
    LocalWorkers workers)
    implements Operations {

  /**
   * The operations of an instance.
   *
   * @param workers the workers of the instance, which learn at once of what wakes an execution
   */
  public static OwnOperations of(
      Stores stores,
      ScheduleRequests schedules,
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
        StoredQueues.of(stores, true, workers::look),
        ExecutionCommands.of(stores, reads, workers),
        StoredSchedules.of(stores, schedules, starter::start),
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
}
