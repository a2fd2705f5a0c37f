package dev.durable.execution;

import dev.durable.DurableException;
import java.util.UUID;

/** The execution whose result was asked for is parked: it needs a person. */
public class ExecutionParkedException extends DurableException {

  private static final long serialVersionUID = 1L;

  private final transient ErrorInfo error;

  /**
   * @param id the execution
   * @param error why it is parked
   */
  public ExecutionParkedException(UUID id, ErrorInfo error) {
    super(
        "Execution "
            + id
            + " is parked"
            + sentence(Errors.describe(error))
            + " When the cause is mended, release it with durable.retry(id); durable.giveUp(id, reason)"
            + " ends it.");
    this.error = error;
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  /** Why it is parked. */
  public ErrorInfo error() {
    return error;
  }
}
