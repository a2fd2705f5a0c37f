package dev.durable.workflow;

import dev.durable.DurableException;
import java.util.List;

/** A definition cannot be built. The message lists everything that is wrong, and how to mend it. */
public class InvalidWorkflowException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param workflow the workflow's name
   * @param problems every problem found, each a sentence
   */
  public InvalidWorkflowException(String workflow, List<String> problems) {
    super("Workflow '" + workflow + "' cannot be built: " + String.join(" ", problems));
  }
}
