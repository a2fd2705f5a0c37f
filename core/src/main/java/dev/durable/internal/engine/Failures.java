package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.text.Texts;
import org.jspecify.annotations.Nullable;

/** Turns whatever a body threw into an error that can be stored. */
final class Failures {

  private static final int FRAMES = 20;

  private Failures() {}

  static ErrorInfo describe(Throwable failure, @Nullable String step) {
    String type =
        switch (failure) {
          case DecisionException wrong -> ErrorInfo.DECISION_ERROR;
          case RejectedEntryException refused -> ErrorInfo.VALUE_REJECTED;
          default -> failure.getClass().getName();
        };
    String where = step == null ? null : Texts.storable(step);
    return new ErrorInfo(type, message(failure), where, storableTrace(failure));
  }

  /** The message; a hostile exception may throw even here. */
  static String message(Throwable failure) {
    try {
      String message = failure.getMessage();
      return Texts.storable(message == null ? "(no message)" : message);
    } catch (Throwable hostile) {
      return "(getMessage() threw " + hostile.getClass().getName() + ")";
    }
  }

  /** The stack trace; getCause() and getStackTrace() can be overridden as well. */
  private static @Nullable String storableTrace(Throwable failure) {
    try {
      return Texts.storable(stackTrace(failure));
    } catch (Throwable hostile) {
      return null;
    }
  }

  private static String stackTrace(Throwable failure) {
    StringBuilder trace = new StringBuilder();
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 4; depth++) {
      trace.append(depth == 0 ? "" : "caused by ").append(cause.getClass().getName());
      if (depth > 0) {
        trace.append(": ").append(message(cause));
      }
      trace.append('\n');
      StackTraceElement[] frames = cause.getStackTrace();
      for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
        trace.append("  at ").append(frames[i]).append('\n');
      }
      cause = cause.getCause();
    }
    return trace.toString();
  }
}
