package dev.durable.internal.engine;

import dev.durable.internal.store.WakeCondition;
import java.time.Duration;

/** Unwinds a walk that cannot continue now: it waits, or this worker is draining. */
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

  /** When it continues. */
  WakeCondition wake() {
    return wake;
  }

  /** Whether it could continue at once, on another worker. */
  boolean isDue() {
    return Duration.ZERO.equals(wake.in());
  }

  /** The path of the node where it stopped. */
  String path() {
    return path;
  }
}
