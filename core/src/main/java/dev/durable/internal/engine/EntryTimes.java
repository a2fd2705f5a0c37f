package dev.durable.internal.engine;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.text.NodePath;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When nodes were entered first that are entered more than once: bodies that wait, and what has
 * parts that do. Nothing is written for that: what stands in the history below a node, since its
 * last attempt failed, tells when an earlier stay came to it.
 */
final class EntryTimes {

  private final Map<String, Instant> earlier = new ConcurrentHashMap<>();
  private final Map<String, Instant> failures = new HashMap<>();
  private final Map<String, Long> here = new ConcurrentHashMap<>();

  /** Before anything is done: a row of an earlier stay, in the order of the history. */
  void read(StepExecution row) {
    for (String node : NodePath.around(row.path())) {
      Instant failed = failures.get(node);
      if (failed == null || !row.startedAt().isBefore(failed)) {
        earlier.merge(node, row.startedAt(), (one, other) -> one.isBefore(other) ? one : other);
      }
    }
    Instant ended = row.completedAt();
    if (row.status() == StepStatus.FAILED && ended != null) {
      failures.put(row.path(), ended);
      earlier.remove(row.path());
    }
  }

  /** A node is entered, or was then; if it was before, in this stay, that counts. */
  void enter(String path, long nanos) {
    here.putIfAbsent(path, nanos);
  }

  /** An attempt has come to its end: the next one is another. */
  void leave(String path) {
    here.remove(path);
    earlier.remove(path);
  }

  /**
   * How long ago it was entered first in this stay.
   *
   * @param last when it was entered last, by {@link System#nanoTime}
   */
  Duration elapsed(String path, long last) {
    Long first = here.get(path);
    return Duration.ofNanos(System.nanoTime() - (first == null ? last : first));
  }

  /** The row, with the time at which an earlier stay came to it, if one did. */
  StepRow since(StepRow row) {
    Instant first = earlier.get(row.path());
    return first == null ? row : row.beganAt(first);
  }
}
