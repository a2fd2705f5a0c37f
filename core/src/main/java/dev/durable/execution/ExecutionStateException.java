package dev.durable.execution;

import dev.durable.DurableException;
import java.util.UUID;

/** An operation does not fit the execution's status, such as a cancel of one that has completed. */
public class ExecutionStateException extends DurableException {

  private static final long serialVersionUID = 1L;

  private final ExecutionStatus status;

  /**
   * @param id the execution
   * @param operation what was asked for, such as {@code cancel}
   * @param status its status at that moment
   * @param allowed from which statuses the operation is possible
   */
  public ExecutionStateException(
      UUID id, String operation, ExecutionStatus status, String allowed) {
    super(
        "Cannot "
            + operation
            + " execution "
            + id
            + (status.isFinal() ? ": it is already " : ": it is ")
            + status.text()
            + ". Only "
            + allowed
            + " executions can be.");
    this.status = status;
  }

  /**
   * @param message what cannot be done with which execution, and why
   * @param status its status at that moment
   */
  public ExecutionStateException(String message, ExecutionStatus status) {
    super(message);
    this.status = status;
  }

  /** Its status at that moment. */
  public ExecutionStatus status() {
    return status;
  }
}
