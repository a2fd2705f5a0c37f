package dev.durable.execution;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why an execution or an attempt did not succeed.
 *
 * @param type the exception's class name, or one of the engine's own: {@link #WORKER_LOST}, {@link
 *     #WORKFLOW_TIMEOUT}, {@link #CANCELLED}, {@link #GIVEN_UP}, {@link #DEFINITION_CHANGED},
 *     {@link #UNREADABLE}, {@link #TOO_MANY_RECOVERIES}, {@link #RETRIES_EXHAUSTED}, {@link
 *     #DECISION_ERROR}, {@link #REPEAT_LIMIT}, {@link #QUORUM_NOT_REACHED}, {@link #VALUE_REJECTED}
 * @param message what happened; at most a few thousand characters
 * @param step the path of the step it happened in, or null
 * @param stackTrace the first lines of the stack trace, or null
 */
public record ErrorInfo(
    String type, String message, @Nullable String step, @Nullable String stackTrace) {

  /** The worker that ran the attempt died, or gave up its lease, before the attempt ended. */
  public static final String WORKER_LOST = "worker_lost";

  /** The execution did not end within the timeout of its workflow, or of its start. */
  public static final String WORKFLOW_TIMEOUT = "workflow_timeout";

  /** The execution was cancelled; the message is the reason. */
  public static final String CANCELLED = "cancelled";

  /** A parked execution was given up; the message is the reason. */
  public static final String GIVEN_UP = "given_up";

  /** Parked: the registered definition does not fit what has been committed. */
  public static final String DEFINITION_CHANGED = "definition_changed";

  /** Parked: a stored value cannot be read as the type that the definition wants. */
  public static final String UNREADABLE = "unreadable";

  /** Parked: it lost its owner too often. */
  public static final String TOO_MANY_RECOVERIES = "too_many_recoveries";

  /** Parked: the attempts of a step are used up, and its retry policy says {@code thenPark()}. */
  public static final String RETRIES_EXHAUSTED = "retries_exhausted";

  /** A decision named a target that it was not declared with. */
  public static final String DECISION_ERROR = "decision_error";

  /** A repeat was not done after the most rounds that it may have. */
  public static final String REPEAT_LIMIT = "repeat_limit";

  /** Too many branches have failed for the others to make the quorum. */
  public static final String QUORUM_NOT_REACHED = "quorum_not_reached";

  /** PostgreSQL can never store a value that was to be written; the message has its words. */
  public static final String VALUE_REJECTED = "value_rejected";

  /** On one line: without the stack trace. */
  @Override
  public String toString() {
    return "ErrorInfo[type=" + type + ", message=" + message + ", step=" + step + "]";
  }

  /** An error of the engine's own. */
  public static ErrorInfo of(String type, String message, @Nullable String step) {
    return new ErrorInfo(
        Objects.requireNonNull(type, "type"),
        Objects.requireNonNull(message, "message"),
        step,
        null);
  }
}
