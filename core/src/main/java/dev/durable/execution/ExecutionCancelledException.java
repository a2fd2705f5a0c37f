package dev.durable.execution;

import dev.durable.DurableException;
import java.util.UUID;

/** The execution whose result was asked for has been cancelled. */
public class ExecutionCancelledException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param id the execution
   * @param reason the reason given
   */
  public ExecutionCancelledException(UUID id, String reason) {
    super("Execution " + id + " was cancelled: " + reason);
  }
}
