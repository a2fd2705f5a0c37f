package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The time of a run, which passes only by what the run waits for. */
final class DryClock {

  private final Instant began;
  private @Nullable Instant deadline;
  private Instant now;

  DryClock(Instant began, @Nullable Duration limit) {
    this.began = began;
    this.deadline = limit == null ? null : began.plus(limit);
    this.now = began;
  }

  Instant now() {
    return now;
  }

  Duration passed() {
    return Duration.between(began, now);
  }

  /** Goes back or on: the parts of a fork run at the same time. */
  void set(Instant time) {
    now = time;
  }

  /** What is undone has all the time it takes. */
  void lifted() {
    deadline = null;
  }

  /** Lets time pass at a path, up to the workflow's timeout. */
  void pass(Duration time, String path, @Nullable ErrorInfo last) {
    Instant then = now.plus(time);
    if (deadline != null && !then.isBefore(deadline)) {
      end(path, last);
    }
    now = then.isAfter(now) ? then : now;
  }

  /** What comes never: either the workflow's timeout ends it, or it waits. */
  DryStop waits(String what, String path, @Nullable ErrorInfo last) {
    if (deadline != null) {
      end(path, last);
    }
    return new DryStop.Waits(what);
  }

  private void end(String path, @Nullable ErrorInfo last) {
    now = deadline == null || deadline.isBefore(now) ? now : deadline;
    throw new DryStop.Over(DryErrors.timeout(path, last));
  }
}
