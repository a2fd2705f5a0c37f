package dev.durable.benchmarks.driver;

/**
 * The work of each execution.
 *
 * @param steps the number of steps, one after the other
 * @param payloadBytes the size of the input and of each step's result as JSON; 0 for the usual 300
 * @param slots the number of executions that a worker runs at a time
 * @param pauseMillis how long each step takes
 */
public record Workload(int steps, int payloadBytes, int slots, int pauseMillis) {

  static final int DEFAULT_SLOTS = 1_000;

  /** Trivial steps with the usual payload. */
  public static Workload trivial(int steps) {
    return new Workload(steps, 0, DEFAULT_SLOTS, 0);
  }

  public Workload bytes(int bytes) {
    return new Workload(steps, bytes, slots, pauseMillis);
  }

  public Workload slots(int number) {
    return new Workload(steps, payloadBytes, number, pauseMillis);
  }

  public Workload pause(int millis) {
    return new Workload(steps, payloadBytes, slots, millis);
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
