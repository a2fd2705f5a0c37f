package dev.durable.schedule;

/**
 * A cron expression is malformed, or never fires. The message shows where, and says what to write
 * instead.
 */
public final class CronException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final int position;
  private final String reason;

  CronException(String expression, int position, String reason) {
    super("Cron expression '%s' at position %d: %s".formatted(expression, position + 1, reason));
    this.position = position;
    this.reason = reason;
  }

  /** The place of the first wrong character, counted from 0. */
  public int position() {
    return position;
  }

  /** What is wrong, without the expression and the place. */
  public String reason() {
    return reason;
  }
}
