package dev.durable.benchmarks.driver;

import org.jspecify.annotations.Nullable;

/**
 * The work of each execution.
 *
 * @param steps the number of steps, one after the other
 * @param payloadBytes the size of the input and of each step's result as JSON; 0 for the usual 300
 * @param slots the number of executions that a worker runs at a time
 * @param pauseMillis how long each step takes
 * @param limits the limits of its queue
 */
public record Workload(int steps, int payloadBytes, int slots, int pauseMillis, Limits limits) {

  static final int DEFAULT_SLOTS = 1_000;

  private static final int KEYS = 100;

  /** The limits of a queue, none of which keeps one worker back. */
  public enum Limits {
    /** No limit. */
    NONE,
    /** As many on all workers as one worker has slots. */
    GLOBAL,
    /** Two of each of a hundred keys. */
    PER_KEY
  }

  /** Trivial steps with the usual payload. */
  public static Workload trivial(int steps) {
    return new Workload(steps, 0, DEFAULT_SLOTS, 0, Limits.NONE);
  }

  public Workload bytes(int bytes) {
    return new Workload(steps, bytes, slots, pauseMillis, limits);
  }

  public Workload slots(int number) {
    return new Workload(steps, payloadBytes, number, pauseMillis, limits);
  }

  public Workload pause(int millis) {
    return new Workload(steps, payloadBytes, slots, millis, limits);
  }

  public Workload limits(Limits other) {
    return new Workload(steps, payloadBytes, slots, pauseMillis, other);
  }

  /** The key of an execution, by which the queue's limits count it; null without such a limit. */
  public @Nullable String limitKey(int number) {
    return limits == Limits.PER_KEY ? "key-" + number % KEYS : null;
  }

  /** The input of an execution. */
  public Payload input(int number) {
    return Payload.of(number, payloadBytes);
  }

  /** A step's work. */
  public Payload step(Payload data) {
    if (pauseMillis > 0) {
      try {
        Thread.sleep(pauseMillis);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("stopped", stopped);
      }
    }
    return data.next();
  }
}
