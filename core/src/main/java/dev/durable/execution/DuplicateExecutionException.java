package dev.durable.execution;

import dev.durable.DurableException;
import java.util.UUID;

/**
 * A start with a business key that another execution of the workflow already has, and that was
 * asked to be rejected: always, or if that execution has ended.
 */
public class DuplicateExecutionException extends DurableException {

  private static final long serialVersionUID = 1L;

  private final UUID existing;

  /**
   * @param workflow the workflow's name
   * @param key the business key
   * @param existing the execution that has it
   */
  public DuplicateExecutionException(String workflow, String key, UUID existing) {
    super(
        "Workflow '"
            + workflow
            + "' already has execution "
            + existing
            + " with key '"
            + key
            + "'.");
    this.existing = existing;
  }

  /** The execution that has the key. */
  public UUID existing() {
    return existing;
  }
}
