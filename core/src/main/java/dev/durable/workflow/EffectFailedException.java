package dev.durable.workflow;

import dev.durable.execution.ErrorInfo;
import dev.durable.retry.NonRetryableException;

/**
 * An effect with a retry policy has failed for good. That is remembered like a result: whenever the
 * body is entered again, the effect throws this again and is not run, until an operator's retry;
 * and after that, if the body had handled it and gone on. Another attempt of the step would not
 * help.
 */
public final class EffectFailedException extends NonRetryableException {

  private static final long serialVersionUID = 1L;

  private final String path;
  private final transient ErrorInfo error;

  /**
   * @param path the effect's path
   * @param error what its last attempt threw
   */
  public EffectFailedException(String path, ErrorInfo error) {
    super("Effect '" + path + "' failed: " + error.type() + ": " + error.message());
    this.path = path;
    this.error = error;
  }

  /** The effect's path. */
  public String path() {
    return path;
  }

  /** What the last attempt threw. */
  public ErrorInfo error() {
    return error;
  }
}
