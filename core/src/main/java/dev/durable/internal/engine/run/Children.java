package dev.durable.internal.engine.run;

import dev.durable.internal.store.journal.StartRow;
import dev.durable.json.JsonException;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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

  /** The execution of a workflow that has a key; null if there is none. */
  @Nullable UUID holder(String workflow, String key);

  /**
   * Whether a child whose parent calls it once more can still bring a result. One that has undone
   * everything cannot: nothing of it is left to continue with. Nor does one whose key a later start
   * has.
   *
   * @param workflow the name of the workflow that is called
   */
  boolean goesOn(UUID child, String workflow);
}
