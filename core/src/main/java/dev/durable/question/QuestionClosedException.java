package dev.durable.question;

import dev.durable.DurableException;

/** There is no open question of that name: it was never asked, or has been answered or closed. */
public final class QuestionClosedException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message which question, and what became of it
   */
  public QuestionClosedException(String message) {
    super(message);
  }
}
