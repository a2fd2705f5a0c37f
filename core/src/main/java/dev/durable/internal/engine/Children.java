package dev.durable.internal.engine;

import dev.durable.internal.store.StartRow;
import dev.durable.json.JsonException;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;
import java.util.UUID;

/** Prepares executions that bodies start. */
public interface Children {

  /**
   * The row of a child.
   *
   * @throws dev.durable.UnknownWorkflowException if nobody has ever registered the workflow
   * @throws dev.durable.UnknownQueueException if no worker has ever worked on the queue
   * @throws JsonException if the input cannot be written
   */
  <I> StartRow prepare(Workflow<I, ?> workflow, I input, ChildOptions options);

  /**
   * Whether a child whose parent calls it once more can still bring a result. One that has undone
   * everything cannot: there is nothing left of it to go on with.
   *
   * @param workflow what it is called as
   */
  boolean goesOn(UUID child, String workflow);
}
