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
  /** A decision: its output says where the execution goes on. */
  DECISION,
  /** A branch: its output names the case that was chosen. */
  BRANCH,
  /** The join of a parallel block, after its branches. */
  PARALLEL,
  /** The items of a forEach, and its join. */
  FOR_EACH,
  /** A repeat: its attempt is the number of rounds so far. */
  REPEAT,
  /**
   * A wait inside a step: for a time, an event, a person. Its output says how it ended. Below one
   * for a person, the time until a reminder or an escalation: its output says who was told.
   */
  WAIT,
  /** An execution that a step has started: its output says how that ended, if the step waits. */
  CHILD,
  /**
   * What the body of a step has saved of its progress: its output is the last value, its attempt
   * the number of values so far, its end the time of the last one.
   */
  PROGRESS,
  /** The undoing of a completed step. */
  COMPENSATION,
  /**
   * A retry of the whole execution; attempts are counted anew after it. That of an operator is
   * {@code completed}. One that the workflow's own policy decided is {@code failed}: its attempt
   * counts the tries that have failed, its error says why the last one did, and its wake time when
   * the next one begins.
   */
  RETRY;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** Whether it stands for a wait inside a step, or for a child that the step may wait for. */
  public boolean isWait() {
    return this == WAIT || this == CHILD;
  }

  /** Whether it stands for something inside a step: an effect, a wait, a child or progress. */
  public boolean isWithinStep() {
    return this == EFFECT || this == PROGRESS || isWait();
  }

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
