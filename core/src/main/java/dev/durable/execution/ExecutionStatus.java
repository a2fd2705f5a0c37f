package dev.durable.execution;

import java.util.Locale;

/** Where an execution stands. */
public enum ExecutionStatus {
  /** Started, not yet claimed by a node; perhaps not yet due. */
  PENDING,
  /** Owned by a node. */
  RUNNING,
  /** Owned by nobody until something is due, such as the next attempt of a step. */
  WAITING,
  /** Ended with a result. Final. */
  COMPLETED,
  /** Ended with an error. Final, unless an operator retries it. */
  FAILED,
  /** Ended by a cancel. Final. */
  CANCELLED,
  /**
   * The engine cannot go on without a person; the error says why. An operator's retry releases it.
   */
  PARKED;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** Whether an execution of this status has ended. */
  public boolean isFinal() {
    return this == COMPLETED || this == FAILED || this == CANCELLED;
  }

  /** The name as the database and the CLI write it, such as {@code completed}. */
  public String text() {
    return text;
  }

  /**
   * The status of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the known ones
   */
  public static ExecutionStatus of(String text) {
    for (ExecutionStatus status : values()) {
      if (status.text.equals(text)) {
        return status;
      }
    }
    throw new IllegalArgumentException(
        "Unknown status '"
            + text
            + "'; known: pending, running, waiting, completed, failed,"
            + " cancelled, parked.");
  }
}
