package dev.durable.internal.client;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.wait.OpenWait;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reason why no wait could be cancelled. */
final class NothingToCancel {

  private NothingToCancel() {}

  /**
   * @param path the path of the wait; null for all waits
   * @param waits the open waits
   */
  static ExecutionStateException of(
      Execution execution, @Nullable String path, List<OpenWait> waits) {
    List<String> open = waits.stream().map(OpenWait::path).toList();
    return new ExecutionStateException(
        "cancelWait has nothing to cancel: execution "
            + execution.id()
            + " "
            + why(execution.status(), path, open),
        execution.status());
  }

  private static String why(ExecutionStatus status, @Nullable String path, List<String> open) {
    if (open.isEmpty() || status.isFinal() || status == ExecutionStatus.COMPENSATING) {
      return "waits for nothing that could be cancelled. It is " + status.text() + ".";
    }
    if (path != null && !open.contains(path)) {
      return "has no open wait '" + path + "'. Its open waits: " + open + ".";
    }
    return "is already learning that "
        + (path == null ? open : "'" + path + "'")
        + " is cancelled.";
  }
}
