package dev.durable.execution;

import java.util.Locale;

/** What a row of an execution's history stands for. */
public enum StepType {
  /** An attempt of a step. */
  STEP,
  /** An attempt of a transactional step. */
  TRANSACTION,
  /** A memoised effect inside a step. */
  EFFECT,
  /** An operator's retry; attempts are counted anew after it. */
  RETRY;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The name as the database writes it. */
  public String text() {
    return text;
  }

  /**
   * The type of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static StepType of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
