package dev.durable;

import java.util.List;

/**
 * The database, the driver's settings or the role do not allow the engine to keep its promises.
 * Nothing has been written, and no thread has been started. Trying again does not help before the
 * problems are solved.
 */
public class UnsuitableDatabaseException extends DurableException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /**
   * @param problems what is wrong and what to do about it, each a sentence or more
   */
  public UnsuitableDatabaseException(List<String> problems) {
    super(
        "Durable cannot work on this database:\n"
            + String.join("\n", problems).indent(2).stripTrailing());
    this.problems = List.copyOf(problems);
  }

  /** What is wrong and what to do about it. */
  public List<String> problems() {
    return problems;
  }
}
