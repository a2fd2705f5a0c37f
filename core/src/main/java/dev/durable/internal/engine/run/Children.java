package dev.durable.internal.engine.run;

import dev.durable.internal.store.journal.StartRow;
import dev.durable.json.JsonException;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;
import java.util.UUID;

/** Prepares executions that bodies start. */
public interface Children {

  /**
   * The row of a child.
   *
   * @throws dev.durable.UnknownWorkflowException if the workflow was never registered
   * @throws dev.durable.UnknownQueueException if no worker has ever worked on the queue
   * @throws JsonException if the input cannot be written
   */
  <I> StartRow prepare(Workflow<I, ?> workflow, I input, ChildOptions options);

  /**
   * Whether a child whose parent calls it once more can still bring a result. One that has undone
   * everything cannot: nothing of it is left to continue with.
   *
   * @param workflow the name of the workflow that is called
   */
  boolean goesOn(UUID child, String workflow);
}
