package dev.durable.internal.store.worker;

import dev.durable.execution.ErrorInfo;
import org.jspecify.annotations.Nullable;

/** The error of an execution that did not end in time. */
public final class DeadlineError {

  private DeadlineError() {}

  /**
   * The error, with what delayed the execution as far as that is known.
   *
   * @param path the step that it was in, or null
   * @param last its last failure, or null
   */
  public static ErrorInfo of(@Nullable String path, @Nullable ErrorInfo last) {
    StringBuilder message =
        new StringBuilder("The execution did not end within the timeout of its workflow or start");
    message.append(path == null ? "." : ": it was in '" + path + "'.");
    if (last != null) {
      message.append(" The last failure");
      message.append(last.step() == null ? "" : " was in '" + last.step() + "'");
      message.append(": ").append(last.type()).append(": ").append(last.message());
    }
    return ErrorInfo.of(ErrorInfo.WORKFLOW_TIMEOUT, message.toString(), path);
  }
}
