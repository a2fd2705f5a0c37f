package dev.durable.internal.engine;

import java.time.Duration;

/** A walk cannot go on now: it waits until something is due, or this node is draining. */
final class Suspension extends Exception {

  private static final long serialVersionUID = 1L;

  private final Duration wakeIn;
  private final String path;

  Suspension(Duration wakeIn, String path) {
    super("suspended at " + path, null, false, false);
    this.wakeIn = wakeIn;
    this.path = path;
  }

  /** How long until it can go on. */
  Duration wakeIn() {
    return wakeIn;
  }

  /** Where it stands. */
  String path() {
    return path;
  }
}
