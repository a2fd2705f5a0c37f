package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.FailureMessage;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.text.Causes;
import dev.durable.internal.text.StorableText;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.EffectFailedException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns a throwable of a body into an error that can be stored. */
public final class Failures {

  private Failures() {}

  public static ErrorInfo describe(Throwable failure, @Nullable String step) {
    String type =
        switch (failure) {
          case DecisionException wrong -> ErrorInfo.DECISION_ERROR;
          case RejectedEntryException refused -> ErrorInfo.VALUE_REJECTED;
          default -> failure.getClass().getName();
        };
    String where = step == null ? null : StorableText.storable(step);
    return new ErrorInfo(type, FailureMessage.of(failure), where, storableTrace(failure));
  }

  /**
   * The same, after conditions of the retry policy have failed.
   *
   * @param broken the throwables of those conditions
   */
  public static ErrorInfo describe(
      Throwable failure, @Nullable String step, List<Throwable> broken) {
    ErrorInfo error = describe(failure, step);
    if (broken.isEmpty()) {
      return error;
    }
    Throwable first = broken.getFirst();
    String thrown = first.getClass().getName() + ": " + FailureMessage.of(first);
    return new ErrorInfo(
        error.type(),
        error.message() + " (It was not tried again, for its retryIf threw " + thrown + ")",
        error.step(),
        error.stackTrace());
  }

  /**
   * The same, if the next attempt would be due too late.
   *
   * @param failures how many attempts have failed
   * @param spent the time since the first one began
   */
  public static ErrorInfo tooLate(
      Throwable failure, String step, int failures, Duration spent, RetryPolicy policy) {
    String attempts = failures == 1 ? "1 attempt" : failures + " attempts";
    return tooLate(describe(failure, step), attempts, spent, policy);
  }

  /**
   * The same for the whole workflow.
   *
   * @param failed how many tries of it have failed
   */
  public static ErrorInfo triedTooLate(
      ErrorInfo error, int failed, Duration spent, RetryPolicy policy) {
    String tries = failed == 1 ? "1 try of the workflow" : failed + " tries of the workflow";
    return tooLate(error, tries, spent, policy);
  }

  private static ErrorInfo tooLate(
      ErrorInfo error, String tries, Duration spent, RetryPolicy policy) {
    return new ErrorInfo(
        error.type(),
        error.message()
            + " (It was not tried again: "
            + tries
            + " took "
            + spent.truncatedTo(ChronoUnit.MILLIS)
            + ", and the next would be due after the limit of "
            + policy.timeLimit().orElse(Duration.ZERO)
            + ")",
        error.step(),
        error.stackTrace());
  }

  /**
   * Why an execution is parked whose step has used up its attempts.
   *
   * @param last why the last one failed
   * @param failures how many have failed
   */
  public static ErrorInfo exhausted(ErrorInfo last, int failures) {
    return exhausted(failures == 1 ? "Its attempt" : "All of its " + failures + " attempts", last);
  }

  /**
   * The same of an execution whose workflow has used up its tries.
   *
   * @param failed how many have failed
   */
  public static ErrorInfo triesExhausted(ErrorInfo last, int failed) {
    return exhausted(
        failed == 1 ? "The workflow" : "All " + failed + " tries of the workflow", last);
  }

  private static ErrorInfo exhausted(String what, ErrorInfo last) {
    return new ErrorInfo(
        ErrorInfo.RETRIES_EXHAUSTED,
        what + " failed; the last error is " + last.type() + ": " + last.message(),
        last.step(),
        last.stackTrace());
  }

  /** The calls of a body because of which it has failed: their paths, or the ids of children. */
  public static List<String> calls(Throwable failure) {
    List<String> calls = new ArrayList<>();
    for (Throwable cause : Causes.of(failure)) {
      switch (cause) {
        case EffectFailedException effect -> calls.add(StorableText.storable(effect.path()));
        case BranchFailedException branch -> calls.add(StorableText.storable(branch.path()));
        case ChildFailedException child -> calls.add(child.childId().toString());
        default -> {}
      }
    }
    return calls;
  }

  /** The stack trace; getCause() and getStackTrace() can be overridden as well. */
  private static @Nullable String storableTrace(Throwable failure) {
    try {
      return StorableText.storable(StackTraceText.of(failure));
    } catch (Throwable hostile) {
      return null;
    }
  }
}
