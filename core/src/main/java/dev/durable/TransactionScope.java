package dev.durable;

import dev.durable.workflow.Workflow;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Operations inside the caller's own transaction: they commit or roll back with it. Nothing here
 * commits, and nothing is seen by a worker before the caller commits. As thread-safe as the
 * connection, which is not.
 */
public interface TransactionScope {

  /**
   * Starts an execution when the caller's transaction commits.
   *
   * @return its id; with a {@link StartOptions#key} perhaps that of the execution already there
   * @throws DurableException as {@link Durable#start(Workflow, Object, UnaryOperator)}; the
   *     caller's transaction can then only be rolled back if the database refused a statement
   */
  <I> UUID start(Workflow<I, ?> workflow, I input, UnaryOperator<StartOptions> with);

  /** {@link #start(Workflow, Object, UnaryOperator)} with default options. */
  default <I> UUID start(Workflow<I, ?> workflow, I input) {
    return start(workflow, input, UnaryOperator.identity());
  }

  /** Starts by name, with the input as JSON. */
  UUID start(String workflow, String json, UnaryOperator<StartOptions> with);

  /**
   * Cancels an execution when the caller's transaction commits.
   *
   * @throws dev.durable.execution.ExecutionNotFoundException if it does not exist
   * @throws dev.durable.execution.ExecutionStateException if it has ended
   */
  void cancel(UUID id, String reason);
}
