package dev.durable.workflow;

import dev.durable.DurableException;
import java.time.Duration;

/**
 * An attempt took longer than its step's timeout. Seen by retry conditions and in the step's error.
 */
public class StepTimeoutException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param path the step's path
   * @param limit the step's timeout
   */
  public StepTimeoutException(String path, Duration limit) {
    super("Step '" + path + "' did not end within its timeout of " + limit + ".");
  }
}
