package dev.durable.internal.engine.run;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.NodePath;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The times at which nodes were first entered that are entered more than once: bodies that wait,
 * and nodes with parts that do. They are not stored: the rows below a node, since its last attempt
 * failed, show when an earlier stay came to it.
 */
public final class EntryTimes {

  private final Map<String, Instant> earlier = new ConcurrentHashMap<>();
  private final Map<String, Instant> failures = new HashMap<>();
  private final Map<String, Long> here = new ConcurrentHashMap<>();

  /** Reads a row of an earlier stay, in the order of the history, before the walk begins. */
  public void read(StepExecution row) {
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

  /** Remembers the time at which a node is entered; in one stay, the first time counts. */
  public void enter(String path, long nanos) {
    here.putIfAbsent(path, nanos);
  }

  /** Forgets the entry of an attempt that has ended: the next one has its own. */
  public void leave(String path) {
    here.remove(path);
    earlier.remove(path);
  }

  /**
   * The time since a node was first entered in this stay.
   *
   * @param last when it was last entered, by {@link System#nanoTime}
   */
  public Duration elapsed(String path, long last) {
    Long first = here.get(path);
    return Duration.ofNanos(System.nanoTime() - (first == null ? last : first));
  }

  /** A row with the time at which an earlier stay came to it, if one did. */
  public StepRow since(StepRow row) {
    Instant first = earlier.get(row.path());
    return first == null ? row : row.beganAt(first);
  }
}
