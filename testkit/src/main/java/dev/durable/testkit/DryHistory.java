package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a run has done so far. */
final class DryHistory {

  private final List<DryStep> rows = new ArrayList<>();
  private final Map<String, String> results = new HashMap<>();
  private @Nullable ErrorInfo lastFailure;

  List<DryStep> rows() {
    return List.copyOf(rows);
  }

  /** The committed result at a path, if there is one. */
  @Nullable String result(String path) {
    return results.get(path);
  }

  /** How many attempts at a path there were. */
  int attempts(String path) {
    return (int) rows.stream().filter(row -> row.path().equals(path)).count();
  }

  int failures(String path) {
    return (int)
        rows.stream()
            .filter(row -> row.path().equals(path) && row.status() == StepStatus.FAILED)
            .count();
  }

  @Nullable ErrorInfo lastFailure() {
    return lastFailure;
  }

  void completed(String path, StepType type, int attempt, String output) {
    results.put(path, output);
    rows.add(new DryStep(path, type, attempt, StepStatus.COMPLETED, output, null));
  }

  void failed(String path, StepType type, int attempt, ErrorInfo error) {
    lastFailure = error;
    rows.add(new DryStep(path, type, attempt, StepStatus.FAILED, null, error));
  }

  void waits(String path, StepType type) {
    rows.add(new DryStep(path, type, 1, StepStatus.WAITING, null, null));
  }

  /** Closes what was waited for in an execution that is over. */
  void closeWaits() {
    rows.replaceAll(
        row ->
            row.status() == StepStatus.WAITING && row.type().isWait()
                ? new DryStep(row.path(), row.type(), 1, StepStatus.CANCELLED, null, null)
                : row);
  }

  /** Replaces the row of a path, as a repeat's. */
  void round(String path, int number, StepStatus status, String data, @Nullable ErrorInfo error) {
    rows.removeIf(row -> row.path().equals(path));
    rows.add(new DryStep(path, StepType.REPEAT, number, status, data, error));
    if (status == StepStatus.COMPLETED) {
      results.put(path, data);
    }
  }

  /** Forgets what is below a path, but what must be kept. */
  void forget(String above, Predicate<String> kept) {
    Predicate<String> gone = path -> path.startsWith(above + "/") && !kept.test(path);
    rows.removeIf(row -> gone.test(row.path()));
    results.keySet().removeIf(gone);
  }
}
