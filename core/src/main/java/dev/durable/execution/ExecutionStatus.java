package dev.durable.execution;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Where an execution stands. */
public enum ExecutionStatus {
  /** Started, not yet claimed by a worker; perhaps not yet due. */
  PENDING,
  /** Owned by a worker. */
  RUNNING,
  /** Without an owner until something is due, such as the next attempt of a step. */
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
  PARKED,
  /** It failed, was cancelled or timed out; the steps it had completed are being undone. */
  COMPENSATING,
  /** It failed, and every completed step that can be undone has been. Final. */
  COMPENSATED,
  /**
   * It failed, and not everything could be undone; an operator's retry tries that again. Final,
   * unless an operator retries it.
   */
  COMPENSATION_FAILED;

  /** Every status in which an execution makes no progress by itself any more. */
  public static final Set<ExecutionStatus> SETTLED =
      Collections.unmodifiableSet(
          EnumSet.of(COMPLETED, FAILED, CANCELLED, COMPENSATED, COMPENSATION_FAILED, PARKED));

  private final String text = name().toLowerCase(Locale.ROOT);

  /** Whether an execution of this status has ended. */
  public boolean isFinal() {
    return this != PARKED && SETTLED.contains(this);
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
            + "'; known: "
            + Arrays.stream(values()).map(ExecutionStatus::text).collect(Collectors.joining(", "))
            + ".");
  }
}
