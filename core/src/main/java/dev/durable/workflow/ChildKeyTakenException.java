package dev.durable.workflow;

import dev.durable.retry.NonRetryableException;
import java.util.UUID;

/**
 * A child was not started, because another execution has its key. A call remembers that, so another
 * attempt of the step would not help; an operator's retry asks again.
 */
public final class ChildKeyTakenException extends NonRetryableException {

  private static final long serialVersionUID = 1L;

  private final UUID existing;

  /**
   * @param workflow the child's workflow
   * @param existing the execution that has the key
   */
  public ChildKeyTakenException(String workflow, UUID existing) {
    super(
        "A child of workflow '"
            + workflow
            + "' was not started: execution "
            + existing
            + " has its key.");
    this.existing = existing;
  }

  /** The execution that has the key. */
  public UUID existing() {
    return existing;
  }
}
