package dev.durable.question;

import java.util.Locale;

/** What kind of answer is asked for. */
public enum QuestionType {
  /** Yes or no, with a comment: an {@link Approval}. */
  APPROVAL,
  /** One of several choices. */
  CHOICE,
  /** Some of several choices. */
  MULTI_CHOICE,
  /** A text. */
  TEXT,
  /** The fields of a form. */
  FORM;

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
  public static QuestionType of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
