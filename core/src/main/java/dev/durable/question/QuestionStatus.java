package dev.durable.question;

import java.util.Locale;

/** Where a question to a person stands. */
public enum QuestionStatus {
  /** It is open. */
  PENDING,
  /** It has been answered. */
  COMPLETED,
  /** No answer came in time. */
  TIMEOUT,
  /** It was cancelled, or its execution ended first. */
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
  public static QuestionStatus of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
