package dev.durable;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.StepExecution;
import dev.durable.graph.WorkflowGraph;
import dev.durable.schedule.Schedule;
import dev.durable.wait.OpenWait;
import dev.durable.wait.UnreadEvent;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
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
public interface Durable extends DurableOperations, AutoCloseable {

  /**
   * Begins to configure an instance on the caller's {@code DataSource}. A worker that is busy keeps
   * up to six connections: a pool should have ten or more. It must be the pool itself: the engine
   * commits on its connections, and would commit the transaction of a caller whose connection it
   * gets. {@link DurableBuilder#transactions} joins those transactions.
   *
   * @throws IllegalArgumentException if it is Spring's {@code TransactionAwareDataSourceProxy}
   */
  static DurableBuilder on(DataSource dataSource) {
    return new DurableBuilder(DurableBuilder.requirePool(dataSource));
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
   * Declares schedules, at any time: a worker of this instance stores them, at its start or now,
   * and serves their ticks. Those that are stored already follow the declaration; their pause
   * stays. Declaring a schedule again changes nothing.
   *
   * @throws IllegalArgumentException if another schedule of that name is declared; nothing has been
   *     declared then
   * @throws UnknownWorkflowException if there is a worker, and a workflow has never been registered
   * @throws UnknownQueueException if there is a worker, and no worker has ever worked on a queue
   */
  Durable schedule(Schedule<?>... schedules);

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

  /** A handle on an execution, whose result is JSON. Asks the database only when used. */
  ExecutionHandle<String> handle(UUID id);

  /** A handle on an execution of this workflow. Asks the database only when used. */
  <O> ExecutionHandle<O> handle(UUID id, Workflow<?, O> workflow);

  /** The execution of that id. */
  Optional<Execution> find(UUID id);

  /** The execution of that workflow with that business key: the newest, if it was restarted. */
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
   * The operations inside the caller's transaction on this connection.
   *
   * @throws IllegalStateException if the connection is in auto-commit mode, or its transaction is
   *     read-only, or REPEATABLE READ or SERIALIZABLE
   */
  TransactionScope using(Connection connection);

  /**
   * The operations with transactions of their own, also where a {@link TransactionBinding} finds
   * the caller's: what they do stays when the caller rolls back. Without a binding, the same as
   * those of this instance.
   */
  DurableOperations independently();

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
