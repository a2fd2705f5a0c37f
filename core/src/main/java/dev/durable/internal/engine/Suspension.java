package dev.durable.internal.engine;

import dev.durable.internal.store.WakeCondition;
import java.time.Duration;

/** A walk cannot go on now: it waits for something, or this worker is draining. */
final class Suspension extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient WakeCondition wake;
  private final String path;

  Suspension(WakeCondition wake, String path) {
    super("suspended at " + path, null, false, false);
    this.wake = wake;
    this.path = path;
  }

  Suspension(Duration wakeIn, String path) {
    this(WakeCondition.after(wakeIn), path);
  }

  /** What lets it go on. */
  WakeCondition wake() {
    return wake;
  }

  /** Whether it could go on at once, on another worker. */
  boolean isDue() {
    return Duration.ZERO.equals(wake.in());
  }

  /** Where it stands. */
  String path() {
    return path;
  }
}
