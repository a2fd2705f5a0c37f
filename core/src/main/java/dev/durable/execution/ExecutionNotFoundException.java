package dev.durable.execution;

import dev.durable.DurableException;
import java.util.UUID;

/** There is no execution of that id in this schema. */
public class ExecutionNotFoundException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param id the id asked for
   * @param schema the schema looked at
   */
  public ExecutionNotFoundException(UUID id, String schema) {
    super(
        "There is no execution "
            + id
            + " in schema \""
            + schema
            + "\": it never existed, was deleted, or its start is not committed yet. Check the id, the"
            + " prefix, and the transaction that it was started in.");
  }
}
