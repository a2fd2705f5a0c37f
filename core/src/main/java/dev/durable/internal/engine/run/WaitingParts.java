package dev.durable.internal.engine.run;

import dev.durable.internal.store.journal.WakeCondition;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The parts of a fork that wait, and when they are due. For the thread that forked. */
public final class WaitingParts {

  private final RunState run;
  private final Map<Integer, Part> waiting = new HashMap<>();
  private final PriorityQueue<Due> due = new PriorityQueue<>();

  public WaitingParts(RunState run) {
    this.run = run;
  }

  /**
   * A part that waits.
   *
   * @param path where it waits
   * @param wake when it continues
   * @param dueAt when it is due by {@link System#nanoTime}; null if only a signal makes it due
   */
  public record Part(String path, WakeCondition wake, @Nullable Long dueAt) {}

  /** A part that is due at a time. Nano times may wrap around. */
  private record Due(int index, long at) implements Comparable<Due> {

    boolean isOver() {
      return at - System.nanoTime() <= 0;
    }

    @Override
    public int compareTo(Due other) {
      return Long.signum(at - other.at);
    }
  }

  /** The wait of a part that has suspended. Also called by the part's own thread. */
  public static Part suspended(RunState run, Suspension suspended) {
    Long dueAt = DueTime.afterAny(run.untilDue(suspended));
    return new Part(suspended.path(), suspended.wake(), dueAt);
  }

  /** Adds a part. It is due at once if the signal that it waits for has come meanwhile. */
  public void add(int index, Part part) {
    Part now = isReady(part) ? new Part(part.path, part.wake, System.nanoTime()) : part;
    waiting.put(index, now);
    if (now.dueAt != null) {
      due.add(new Due(index, now.dueAt));
    }
  }

  private boolean isReady(Part part) {
    return part.wake.signals() && run.waits().isReady(part.path);
  }

  /** Makes parts due whose signal has come; the others wait as before. */
  public void wakeReady() {
    Map.copyOf(waiting)
        .forEach(
            (index, part) -> {
              if (isReady(part)) {
                add(index, part);
              }
            });
  }

  /** Removes the first part that is due; null if there is none. */
  public @Nullable Integer takeDue() {
    for (Due first = due.peek(); first != null && first.isOver(); first = due.peek()) {
      due.remove();
      Part part = waiting.get(first.index);
      // Otherwise it was due by an earlier state of its wait.
      if (part != null && Objects.equals(part.dueAt, first.at)) {
        waiting.remove(first.index);
        return first.index;
      }
    }
    return null;
  }

  /** Nanoseconds until the first part is due; null if time alone makes none due. */
  public @Nullable Long nanosUntilDue() {
    Due first = due.peek();
    return first == null ? null : Long.valueOf(first.at - System.nanoTime());
  }

  public boolean contains(int index) {
    return waiting.containsKey(index);
  }

  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** When the first of all parts continues. */
  public WakeCondition wake() {
    WakeCondition wake = WakeCondition.NEVER;
    for (Part part : waiting.values()) {
      WakeCondition own = part.wake;
      Duration in = own.in() == null || part.dueAt == null ? null : DueTime.until(part.dueAt);
      wake = wake.or(new WakeCondition(in, own.at(), own.signals()));
    }
    return wake;
  }
}
