package dev.durable.execution;

import dev.durable.DurableException;
import java.util.UUID;

/** The execution whose result was asked for has failed. */
public class ExecutionFailedException extends DurableException {

  private static final long serialVersionUID = 1L;

  private final transient ErrorInfo error;

  /**
   * @param id the execution
   * @param error why it failed
   */
  public ExecutionFailedException(UUID id, ErrorInfo error) {
    super("Execution " + id + " failed" + Errors.at(error) + Errors.describe(error));
    this.error = error;
  }

  /** Why it failed. */
  public ErrorInfo error() {
    return error;
  }
}
