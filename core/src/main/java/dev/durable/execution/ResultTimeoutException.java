package dev.durable.execution;

import dev.durable.DurableException;
import java.time.Duration;
import java.util.UUID;

/** An execution has not ended within the time that a caller wanted to wait. It goes on. */
public class ResultTimeoutException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param id the execution
   * @param waited how long the caller waited
   */
  public ResultTimeoutException(UUID id, Duration waited) {
    super("Execution " + id + " has not ended within " + waited + ". It goes on; ask again later.");
  }
}
