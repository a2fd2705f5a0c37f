package dev.durable.testkit;

import java.time.Instant;
import java.util.PriorityQueue;

/** The time of parts that run one after the other, as if at the same time. */
final class DryLanes {

  private final DryClock clock;
  private final String path;
  private final Instant begin;
  private final PriorityQueue<Instant> free = new PriorityQueue<>();
  private Instant latest;

  /**
   * @param places how many parts are begun at once
   * @param size how many there are
   */
  DryLanes(DryClock clock, String path, int places, int size) {
    this.clock = clock;
    this.path = path;
    this.begin = clock.now();
    this.latest = begin;
    for (int i = 0; i < Math.min(places, size); i++) {
      free.add(begin);
    }
  }

  /** Whether parts that wait for ever have all places. */
  boolean isFull() {
    return free.isEmpty();
  }

  /** A part begins, as early as it can. */
  void begins() {
    clock.set(free.remove());
  }

  void ends() {
    free.add(clock.now());
    rests();
  }

  /** A part waits for ever, and keeps its place. */
  void rests() {
    latest = clock.now().isAfter(latest) ? clock.now() : latest;
  }

  /** All have ended, or wait. */
  void over() {
    clock.set(latest);
  }

  /**
   * A part has decided for all, now. Refuses that if others would have gone differently meanwhile.
   *
   * @param others whether there are parts that have not begun
   */
  void decides(boolean others) {
    Instant now = clock.now();
    if (latest.isAfter(now) || (others && now.isAfter(begin))) {
      throw new DryStop.Misuse(
          new UnsupportedOperationException(
              "A dry run cannot tell how '"
                  + path
                  + "' ends: one of its parts decides for all, some take time, and a dry run has"
                  + " them run one after the other. Stub what takes time there, or test this on a"
                  + " real PostgreSQL."));
    }
  }
}
