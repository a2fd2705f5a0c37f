package dev.durable.internal.client;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.engine.run.Children;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Prepares the starts of child executions, and finds children that exist. */
public final class ChildExecutions implements Children {

  private final StartRequests starts;
  private final ExecutionStore executions;

  public ChildExecutions(StartRequests starts, ExecutionStore executions) {
    this.starts = starts;
    this.executions = executions;
  }

  @Override
  public <I> StartRow prepare(Workflow<I, ?> workflow, I input, ChildOptions options) {
    return starts.child(workflow, input, options);
  }

  @Override
  public @Nullable UUID holder(String workflow, String key) {
    return executions.find(workflow, key).map(Execution::id).orElse(null);
  }

  @Override
  public boolean goesOn(UUID child, String workflow) {
    return executions.find(child).filter(found -> goesOn(found, workflow)).isPresent();
  }

  private static boolean goesOn(Execution child, String workflow) {
    boolean hasKey =
        child.formerKey() == null || child.status() == ExecutionStatus.COMPENSATION_FAILED;
    return child.workflow().equals(workflow)
        && child.status() != ExecutionStatus.COMPENSATED
        && hasKey;
  }
}
