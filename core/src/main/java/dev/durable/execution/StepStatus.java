package dev.durable.execution;

import java.util.Locale;

/** Where an attempt of a step stands. */
public enum StepStatus {
  /** Its body runs. Only long or at-most-once bodies are ever seen in this status. */
  RUNNING,
  /** A repeat between two rounds. */
  WAITING,
  /** It returned a result, which is committed. */
  COMPLETED,
  /** It threw, ran into its timeout, or its worker was lost. */
  FAILED,
  /** Its execution was cancelled while it ran. */
  CANCELLED;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The name as the database writes it. */
  public String text() {
    return text;
  }

  /**
   * The status of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static StepStatus of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
