package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.FailureMessage;
import dev.durable.internal.text.StorableText;
import dev.durable.retry.RetryPolicy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Failures in the engine's words. */
final class DryErrors {

  private DryErrors() {}

  static ErrorInfo of(Throwable failure, String path, List<Throwable> broken) {
    String type =
        failure instanceof WrongDecisionException
            ? ErrorInfo.DECISION_ERROR
            : failure.getClass().getName();
    String message = FailureMessage.of(failure);
    if (!broken.isEmpty()) {
      Throwable first = broken.getFirst();
      message +=
          " (It was not tried again, for its retryIf threw "
              + first.getClass().getName()
              + ": "
              + FailureMessage.of(first)
              + ")";
    }
    return new ErrorInfo(type, message, StorableText.storable(path), trace(failure));
  }

  private static @Nullable String trace(Throwable failure) {
    try {
      StringWriter text = new StringWriter();
      failure.printStackTrace(new PrintWriter(text));
      return text.toString();
    } catch (Throwable hostile) {
      return null;
    }
  }

  static ErrorInfo exhausted(ErrorInfo last, int failures) {
    String attempts = failures == 1 ? "Its attempt" : "All of its " + failures + " attempts";
    return new ErrorInfo(
        ErrorInfo.RETRIES_EXHAUSTED,
        attempts + " failed; the last error is " + last.type() + ": " + last.message(),
        last.step(),
        last.stackTrace());
  }

  static ErrorInfo tooLate(
      Throwable failure, String path, int failures, Duration spent, RetryPolicy policy) {
    ErrorInfo error = of(failure, path, List.of());
    String attempts = failures == 1 ? "1 attempt" : failures + " attempts";
    return new ErrorInfo(
        error.type(),
        error.message()
            + " (It was not tried again: "
            + attempts
            + " took "
            + spent.truncatedTo(ChronoUnit.MILLIS)
            + ", and the next would be due after the limit of "
            + policy.timeLimit().orElse(Duration.ZERO)
            + ")",
        error.step(),
        error.stackTrace());
  }

  static ErrorInfo timeout(String path, @Nullable ErrorInfo last) {
    StringBuilder message =
        new StringBuilder(
            "The execution did not end within the timeout of its workflow or start: it was in '");
    message.append(path).append("'.");
    if (last != null) {
      message.append(" The last failure");
      message.append(last.step() == null ? "" : " was in '" + last.step() + "'");
      message.append(": ").append(last.type()).append(": ").append(last.message());
    }
    return ErrorInfo.of(ErrorInfo.WORKFLOW_TIMEOUT, message.toString(), path);
  }
}
