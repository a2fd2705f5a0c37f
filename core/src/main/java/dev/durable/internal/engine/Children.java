package dev.durable.internal.engine;

import dev.durable.internal.store.StartRow;
import dev.durable.json.JsonException;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;

/** Prepares executions that bodies start. */
@FunctionalInterface
public interface Children {

  /**
   * The row of a child.
   *
   * @throws dev.durable.UnknownWorkflowException if nobody has ever registered the workflow
   * @throws dev.durable.UnknownQueueException if no node has ever worked on the queue
   * @throws JsonException if the input cannot be written
   */
  <I> StartRow prepare(Workflow<I, ?> workflow, I input, ChildOptions options);
}
