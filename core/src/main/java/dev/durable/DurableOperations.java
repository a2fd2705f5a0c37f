package dev.durable;

import dev.durable.execution.ExecutionHandle;
import dev.durable.question.Questions;
import dev.durable.queue.Queues;
import dev.durable.schedule.Schedules;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.SendOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The calls that change executions from outside: the same on {@link Durable}, where each is
 * committed when it returns, and inside the caller's own transaction ({@link Durable#using}), where
 * they are when that commits. A handle of a start that has not been committed yet has an id; its
 * status and result throw {@link dev.durable.execution.ExecutionNotFoundException} until then.
 */
public interface DurableOperations {

  /**
   * Starts an execution. When this method returns, the start is committed and will be executed.
   *
   * @param with how to start it, for example {@code o -> o.key("order-123").priority(5)}
   * @throws UnknownWorkflowException if the workflow is neither registered here nor known to the
   *     database
   * @throws UnknownQueueException if no worker has ever worked on the queue
   * @throws dev.durable.execution.DuplicateExecutionException if its key exists and duplicates are
   *     rejected: all, or those of executions that have ended
   * @throws dev.durable.json.JsonException if the input cannot be written, or is too large
   */
  <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, Consumer<? super StartOptions> with);

  /** {@link #start(Workflow, Object, Consumer)} with default options. */
  default <I, O> ExecutionHandle<O> start(Workflow<I, O> workflow, I input) {
    return start(workflow, input, with -> {});
  }

  /**
   * Starts by name, with the input as JSON; the result is JSON as well. The newest registered
   * version is taken.
   *
   * @throws dev.durable.json.JsonException if the text is not JSON, or does not fit a workflow that
   *     is registered here
   */
  ExecutionHandle<String> start(String workflow, String json, Consumer<? super StartOptions> with);

  /** {@link #start(String, String, Consumer)} with default options. */
  default ExecutionHandle<String> start(String workflow, String json) {
    return start(workflow, json, with -> {});
  }

  /**
   * Starts one execution for each input, in as few commits as possible. All or nothing per input,
   * not for the list. Of inputs with the same key the first one counts.
   *
   * @param with the options of each, for example {@code (order, o) -> o.key(order.id())}
   * @return the handles, in the order of the inputs
   */
  <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with);

  /** {@link #startAll(Workflow, List, BiConsumer)} with default options. */
  default <I, O> List<ExecutionHandle<O>> startAll(Workflow<I, O> workflow, List<I> inputs) {
    return startAll(workflow, inputs, (input, with) -> {});
  }

  /**
   * Starts an execution unless its key is there already, and sends it an event, in one transaction.
   *
   * @throws dev.durable.execution.ExecutionStateException if the execution with the key has ended,
   *     so that it can receive nothing more
   * @throws DurableException as {@link #start(Workflow, Object, Consumer)}
   */
  <I, O, E> ExecutionHandle<O> startAndSend(
      Workflow<I, O> workflow,
      I input,
      Event<E> event,
      E payload,
      Consumer<? super StartOptions> with);

  /** {@link #startAndSend(Workflow, Object, Event, Object, Consumer)} with default options. */
  default <I, O, E> ExecutionHandle<O> startAndSend(
      Workflow<I, O> workflow, I input, Event<E> event, E payload) {
    return startAndSend(workflow, input, event, payload, with -> {});
  }

  /**
   * Sends an event to an execution. It is kept until the execution waits for it; when this method
   * returns, it is committed.
   *
   * @param with its idempotency key, for example {@code m -> m.idempotencyKey(webhook.id())}
   * @throws dev.durable.json.JsonException if the payload cannot be written, or is too large
   */
  <E> Delivery send(UUID id, Event<E> event, E payload, Consumer<? super SendOptions> with);

  /** {@link #send(UUID, Event, Object, Consumer)} without options. */
  default <E> Delivery send(UUID id, Event<E> event, E payload) {
    return send(id, event, payload, with -> {});
  }

  /**
   * Sends an event by name, with the payload as JSON.
   *
   * @throws IllegalArgumentException if no event can have that name
   * @throws dev.durable.json.JsonException if the text is not JSON, or is too large
   */
  Delivery send(UUID id, String event, String json, Consumer<? super SendOptions> with);

  /** Sends an event to the execution of that workflow with that business key, if there is one. */
  <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      Consumer<? super SendOptions> with);

  /** {@link #sendByKey(Workflow, String, Event, Object, Consumer)} without options. */
  default <E> Delivery sendByKey(Workflow<?, ?> workflow, String key, Event<E> event, E payload) {
    return sendByKey(workflow, key, event, payload, with -> {});
  }

  /**
   * Sends an event by names, with the payload as JSON: for programs that do not have the classes.
   *
   * @throws IllegalArgumentException if no event can have that name
   * @throws dev.durable.json.JsonException if the text is not JSON, or is too large
   */
  Delivery sendByKey(
      String workflow, String key, String event, String json, Consumer<? super SendOptions> with);

  /**
   * Cancels an execution: it ends now, and a running body is interrupted. If its definition
   * compensates on a cancel, what it has done is undone first.
   *
   * @param reason the message of its error
   * @throws IllegalArgumentException if the reason is blank
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it has ended, or is being undone
   */
  void cancel(UUID id, String reason);

  /** {@link #cancel(UUID, String)} without a reason of its own. */
  default void cancel(UUID id) {
    cancel(id, "cancelled");
  }

  /**
   * Lets a failed or parked execution go on from where it stopped, also one whose compensation has
   * failed. Committed steps stay, and failures that a body had handled and gone on from; attempts,
   * recoveries and the workflow timeout count anew. Recorded in its history. One that failed does
   * not go on once a later start has taken its key: there would be two of them.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it is neither failed, nor
   *     compensation_failed, nor parked; or if it failed and a later start has its key
   */
  void retry(UUID id);

  /**
   * Gives up a parked execution: it fails with the error {@code given_up}, as one that has failed
   * by itself does. What it has done is undone first, by a worker that has its definition; its
   * children are cancelled, and its parent is told. One that was parked while it was undone becomes
   * {@code compensation_failed}. If there was nothing to undo, {@link #retry} lets it go on all the
   * same, as every failed one; what was undone stays so.
   *
   * @param reason the message of its error
   * @throws IllegalArgumentException if the reason is blank
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it is not parked
   */
  void giveUp(UUID id, String reason);

  /**
   * Moves the due time of an execution that has not begun, or of one that rests until the next
   * attempt of a step, of an effect or of a compensation: of all such attempts, if parts of it rest
   * at once. Earlier or later; a past time means at once. A timeout counts from the new time of
   * start; a {@link StartOptions#deadline} stays where it is. Workers on other machines may take up
   * to their poll interval to see it.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it is in any other state, the message
   *     says in which; or if it would begin after its deadline
   */
  void reschedule(UUID id, Instant time);

  /**
   * {@link #reschedule(UUID, Instant)} to so long after now, by the database clock.
   *
   * @throws IllegalArgumentException if negative
   */
  void reschedule(UUID id, Duration wait);

  /**
   * Cancels every wait of an execution for events, people and children: each ends as cancelled, and
   * the execution goes on with that.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it waits for nothing from outside
   */
  void cancelWaits(UUID id);

  /**
   * Cancels the wait at one path; otherwise as {@link #cancelWaits(UUID)}.
   *
   * @param path the wait's own path, as {@link Durable#waits} lists it: that of its node, and the
   *     name of the wait in it, such as {@code payment/payment} for the node {@code payment}
   */
  void cancelWait(UUID id, String path);

  /** Questions to people, and their answers. */
  Questions questions();

  /** Schedules, and what has become of their ticks. */
  Schedules schedules();

  /** Queues: what is in them, pauses and limits. */
  Queues queues();
}
