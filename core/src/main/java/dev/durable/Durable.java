package dev.durable;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.StepExecution;
import dev.durable.graph.WorkflowGraph;
import dev.durable.question.Questions;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.OpenWait;
import dev.durable.wait.SendOptions;
import dev.durable.wait.UnreadEvent;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * The engine and the client in one object: it starts executions and asks about them, and with a
 * {@link #startWorker() worker} it runs them. Thread-safe; an application needs one for each
 * database and schema.
 *
 * <pre>{@code
 * try (Durable durable = Durable.on(dataSource).register(PROCESS_ORDER).startWorker()) {
 *   Paid paid = durable.start(PROCESS_ORDER, order).result(Duration.ofSeconds(30));
 * }
 * }</pre>
 *
 * <p>Every method throws {@link DatabaseUnavailableException} when the database cannot be reached,
 * and {@link IllegalStateException} after {@link #close()}.
 */
public interface Durable extends AutoCloseable {

  /**
   * Begins to configure an instance on the caller's {@code DataSource}. A worker that is busy keeps
   * up to six connections: a pool should have ten or more.
   */
  static DurableBuilder on(DataSource dataSource) {
    return new DurableBuilder(Objects.requireNonNull(dataSource, "dataSource"));
  }

  /**
   * Makes definitions known, at any time: for starts by name, and to the worker, which claims their
   * executions and serves their queues from now on. Registering a definition again changes nothing,
   * so a call that has failed may be repeated.
   *
   * @throws IllegalArgumentException if another definition of the same name and version is
   *     registered; nothing has been registered then
   * @throws dev.durable.workflow.InvalidWorkflowException if the codec refuses a type whose values
   *     a workflow stores; nothing has been registered then
   * @throws UnsuitableDatabaseException if the role lacks rights
   */
  Durable register(Workflow<?, ?>... definitions);

  /**
   * Starts a worker: it claims due executions of the registered workflows and runs them until it,
   * or this instance, is closed. Returns the one that there is, if there is one that is not closed.
   * After a failure there is none.
   *
   * @throws IllegalStateException if nothing is registered, or this instance is closed
   * @throws UnsuitableDatabaseException if the role lacks rights
   */
  Worker startWorker();

  /** The worker, from its start until it begins to close. */
  Optional<Worker> worker();

  /**
   * Starts an execution. When this method returns, the start is committed and will be executed.
   *
   * @param with how to start it, for example {@code o -> o.key("order-123").priority(5)}
   * @throws UnknownWorkflowException if the workflow is neither registered here nor known to the
   *     database
   * @throws UnknownQueueException if no worker has ever worked on the queue
   * @throws dev.durable.execution.DuplicateExecutionException if its key exists and duplicates are
   *     rejected
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

  /** A handle on an execution, whose result is JSON. Asks the database only when used. */
  ExecutionHandle<String> handle(UUID id);

  /** A handle on an execution of this workflow. Asks the database only when used. */
  <O> ExecutionHandle<O> handle(UUID id, Workflow<?, O> workflow);

  /** The execution of that id. */
  Optional<Execution> find(UUID id);

  /** The execution of that workflow with that business key. */
  Optional<Execution> find(String workflow, String key);

  /**
   * A page of executions, newest first: {@code q ->
   * q.workflow("process_order").status(FAILED).limit(20)}.
   */
  Page<Execution> executions(Consumer<? super ExecutionQuery> filter);

  /** How many executions match, by status; paging is ignored. Statuses without any are left out. */
  Map<ExecutionStatus, Long> countByStatus(Consumer<? super ExecutionQuery> filter);

  /**
   * The history of an execution, in order.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   */
  List<StepExecution> steps(UUID id);

  /**
   * The newest definition of a workflow, as a graph; of any workflow that a worker or client has
   * ever registered.
   *
   * @throws UnknownWorkflowException if no worker or client has ever registered it
   */
  WorkflowGraph graph(String workflow);

  /**
   * The definition that an execution was started with, as a graph, with what it has done so far.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if there is none
   */
  WorkflowGraph graph(UUID id);

  /**
   * Cancels an execution: it ends now, and a running body is interrupted. If its definition
   * compensates on a cancel, what it has done is undone first.
   *
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
   * failed. Committed steps stay; attempts, recoveries and the workflow timeout count anew.
   * Recorded in its history.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it is neither failed, nor
   *     compensation_failed, nor parked
   */
  void retry(UUID id);

  /**
   * Gives up a parked execution: it fails for good with the error {@code given_up}, as one that has
   * failed by itself does. What it has done is undone first, by a worker that has its definition;
   * its children are cancelled, and its parent is told. One that was parked while it was undone
   * becomes {@code compensation_failed}.
   *
   * @param reason the message of its error
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it is not parked
   */
  void giveUp(UUID id, String reason);

  /**
   * Moves the due time of an execution that has not begun, or of one that rests until the next
   * attempt of a step, or of a compensation: of all such attempts, if parts of it rest at once.
   * Earlier or later; a past time means at once. A timeout counts from the new time of start, and a
   * deadline moves with it. Workers on other machines may take up to their poll interval to see it.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it is in any other state; the message
   *     says in which
   */
  void reschedule(UUID id, Instant time);

  /**
   * {@link #reschedule(UUID, Instant)} to so long after now, by the database clock.
   *
   * @throws IllegalArgumentException if negative
   */
  void reschedule(UUID id, Duration wait);

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

  /** Sends an event to the execution of that workflow with that business key. */
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
   * Starts an execution unless its key is there already, and sends it an event, in one transaction.
   *
   * @return its id
   * @throws dev.durable.execution.ExecutionStateException if the execution with the key has ended,
   *     so that it can receive nothing more
   * @throws DurableException as {@link #start(Workflow, Object, Consumer)}
   */
  <I, E> UUID startAndSend(
      Workflow<I, ?> workflow,
      I input,
      Consumer<? super StartOptions> with,
      Event<E> event,
      E payload);

  /**
   * What an execution waits for from outside: events, people, children.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   */
  List<OpenWait> waits(UUID id);

  /**
   * The events that were sent to an execution and that it has not received, in their order; the
   * first 1,000. It may still come to wait for them. Of an execution that has ended, it never did:
   * their name may be misspelt.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   */
  List<UnreadEvent> unread(UUID id);

  /**
   * Cancels every wait of an execution for events, people and children: each ends as cancelled, and
   * the execution goes on with that.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it waits for nothing from outside
   */
  void cancelWait(UUID id);

  /** Cancels the wait at one path; otherwise as {@link #cancelWait(UUID)}. */
  void cancelWait(UUID id, String path);

  /** Questions to people, and their answers. */
  Questions questions();

  /**
   * The executions that an execution has started, the oldest first.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   */
  List<Execution> children(UUID id);

  /**
   * Which live worker has which definition, and how many executions are open on each: for looking
   * at a deploy. Definitions of one name and version that differ have different fingerprints.
   * Counts all that is open, so it is nothing to be asked in a loop.
   */
  List<DeployedWorkflow> workflows();

  /**
   * Whether this instance can do its work, as far as it knows without asking the database: for a
   * probe of liveness, or an alarm. A worker is healthy while it has its lease, its last heartbeat
   * reached the database, and each thread of the engine is there and gets on; a client while its
   * threads are. Never waits, and never throws: a closed instance is unhealthy.
   */
  Health health();

  /**
   * The same operations inside the caller's transaction on this connection.
   *
   * @throws IllegalStateException if the connection is in auto-commit mode, or its transaction is
   *     read-only, or REPEATABLE READ or SERIALIZABLE
   */
  TransactionScope using(Connection connection);

  /**
   * Closes the worker, if there is one, and ends all threads. The worker takes no more work, lets
   * running bodies finish for the drain time, and interrupts and releases the rest; what was
   * released goes on elsewhere, or at the next start. Idempotent. An interrupt does not shorten it,
   * and is kept. Called by a step body, it returns at once and the instance closes when that body
   * has ended, since the two cannot wait for each other.
   */
  @Override
  void close();
}
