package dev.durable.internal.engine.run;

import dev.durable.internal.store.journal.WakeCondition;
import java.time.Duration;

/** Unwinds a walk that cannot continue now: it waits, or this worker is draining. */
public final class Suspension extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient WakeCondition wake;
  private final String path;

  public Suspension(WakeCondition wake, String path) {
    super("suspended at " + path, null, false, false);
    this.wake = wake;
    this.path = path;
  }

  public Suspension(Duration wakeIn, String path) {
    this(WakeCondition.after(wakeIn), path);
  }

  /** When it continues. */
  public WakeCondition wake() {
    return wake;
  }

  /** Whether it could continue at once, on another worker. */
  public boolean isDue() {
    return Duration.ZERO.equals(wake.in());
  }

  /** The path of the node where it stopped. */
  public String path() {
    return path;
  }
}
