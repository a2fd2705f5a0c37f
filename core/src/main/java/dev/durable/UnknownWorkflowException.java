package dev.durable;

import java.util.Collection;

/** A start named a workflow that is neither registered here nor known to the database. */
public class UnknownWorkflowException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param workflow the name asked for, with its version if one was meant
   * @param known the names that are known
   */
  public UnknownWorkflowException(String workflow, Collection<String> known) {
    super(
        "Unknown workflow '"
            + workflow
            + "'. Known: "
            + (known.isEmpty() ? "none" : String.join(", ", known))
            + ". Register it with Durable.on(dataSource).register(workflow), here or on a worker.");
  }
}
