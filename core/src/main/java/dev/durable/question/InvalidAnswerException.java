package dev.durable.question;

import dev.durable.DurableException;
import java.util.List;

/** An answer does not fit its question, which stays open. */
public final class InvalidAnswerException extends DurableException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> reasons;

  /**
   * @param name the question's name
   * @param reasons everything that is wrong, each a sentence
   */
  public InvalidAnswerException(String name, List<String> reasons) {
    super("The answer to '" + name + "' is refused: " + String.join(" ", reasons));
    this.reasons = List.copyOf(reasons);
  }

  /** Everything that is wrong. */
  public List<String> reasons() {
    return reasons;
  }
}
