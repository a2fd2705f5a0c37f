package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.text.NodePath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a run has done so far. */
final class DryHistory {

  private final List<DryStep> rows = new ArrayList<>();
  private final Map<String, String> results = new HashMap<>();
  private final Map<String, Undo> undos = new HashMap<>();
  private final Map<String, Instant> begins = new HashMap<>();
  private final Map<String, ErrorInfo> failures = new HashMap<>();
  private @Nullable ErrorInfo lastFailure;

  /**
   * How something that a body has done is undone.
   *
   * @param compensation its name
   * @param input what the body got, as JSON
   */
  record Undo(String compensation, String input) {}

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

  /** When the first attempt at a path began. */
  Instant begin(String path) {
    return Objects.requireNonNull(begins.get(path), path);
  }

  void begins(String path, Instant now) {
    begins.putIfAbsent(path, now);
  }

  /** Why an effect or a part has failed for good; null if it has not. */
  @Nullable ErrorInfo failure(String path) {
    return failures.get(path);
  }

  void givesUp(String path, ErrorInfo error) {
    failures.put(path, error);
  }

  /** How what a body has done at a path is undone; null if it is not. */
  @Nullable Undo undo(String path) {
    return undos.get(path);
  }

  /** Whether something below a path is undone that a body has done: it is entered once more. */
  boolean hasUndoBelow(String above) {
    return undos.keySet().stream().anyMatch(path -> NodePath.isBelow(above, path));
  }

  void undoneBy(String path, Undo undo) {
    undos.put(path, undo);
  }

  @Nullable ErrorInfo lastFailure() {
    return lastFailure;
  }

  void completed(String path, StepType type, int attempt, String output) {
    completed(path, type, attempt, output, null);
  }

  /**
   * @param handled the failure that was handled, or null
   */
  void completed(
      String path, StepType type, int attempt, String output, @Nullable ErrorInfo handled) {
    results.put(path, output);
    rows.add(new DryStep(path, type, attempt, StepStatus.COMPLETED, output, handled));
  }

  /** Saves the progress of a body in the place of the one before. */
  void progress(String path, String value) {
    results.put(path, value);
    for (int i = 0; i < rows.size(); i++) {
      DryStep row = rows.get(i);
      if (row.path().equals(path)) {
        rows.set(
            i,
            new DryStep(
                path, StepType.PROGRESS, row.attempt() + 1, StepStatus.COMPLETED, value, null));
        return;
      }
    }
    rows.add(new DryStep(path, StepType.PROGRESS, 1, StepStatus.COMPLETED, value, null));
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
    closeWaits("");
  }

  /** Closes what a part of a fork was waiting for. */
  void closeWaits(String within) {
    rows.replaceAll(
        row ->
            (within.isEmpty() || NodePath.isWithin(within, row.path()))
                    && row.status() == StepStatus.WAITING
                    && row.type().isWait()
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
