package dev.durable.workflow;

import dev.durable.execution.ErrorInfo;
import dev.durable.retry.NonRetryableException;

/**
 * A branch or an item of a body has failed for good, or too few can complete. That is remembered:
 * whenever the body is entered again, it is thrown again, until an operator's retry; and after
 * that, if the body had handled it and gone on. Another attempt of the step would not help.
 */
public final class BranchFailedException extends NonRetryableException {

  private static final long serialVersionUID = 1L;

  private final String path;
  private final transient ErrorInfo error;

  /**
   * @param path the path of the branch or item, or of the whole
   * @param error why
   */
  public BranchFailedException(String path, ErrorInfo error) {
    super("'" + path + "' failed: " + error.type() + ": " + error.message());
    this.path = path;
    this.error = error;
  }

  /** The path of the branch or item, or of the whole. */
  public String path() {
    return path;
  }

  /** Why it has failed. */
  public ErrorInfo error() {
    return error;
  }
}
