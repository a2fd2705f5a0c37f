package dev.durable;

/** What a start does whose key belongs to an execution that has ended. */
public enum IfEnded {
  /** It returns the execution that has ended. */
  RETURN,
  /**
   * It starts another execution, which has the key from then on. The execution that has ended stays
   * in the database, with the key as its {@linkplain dev.durable.execution.Execution#formerKey()
   * former key}.
   */
  RESTART,
  /** It throws {@link dev.durable.execution.DuplicateExecutionException}. */
  REJECT
}
