package dev.durable.benchmarks.measure;

/**
 * How much is measured.
 *
 * @param executions the executions of one measured round of a throughput scenario
 * @param rounds the measured rounds in one child; their median counts
 * @param warmUp the executions of three steps before the first measured round; as many again for as
 *     long as the JVM's compilers are busy
 * @param warmUpSeconds the time after which no further warm-up begins
 * @param singles the executions of a latency scenario, one at a time
 * @param idleSeconds the time that the idle worker is watched
 * @param maxSeconds the time after which a round or a warm-up begins nothing more; the work done by
 *     then counts
 * @param million the number that stands for a million finished executions
 */
public record Sizes(
    int executions,
    int rounds,
    int warmUp,
    int warmUpSeconds,
    int singles,
    int idleSeconds,
    int maxSeconds,
    int million) {

  /** The steps of an execution that warms up, when {@link #warmUp} counts. */
  private static final int WARM_UP_STEPS = 3;

  /** The numbers of the published figures. */
  static Sizes full() {
    return new Sizes(10_000, 3, 20_000, 30, 500, 60, 20, 1_000_000);
  }

  /** Just enough to see that everything works. */
  static Sizes tiny() {
    return new Sizes(60, 1, 60, 0, 5, 1, 5, 1_000);
  }

  public Sizes idleFor(int seconds) {
    return new Sizes(
        executions, rounds, warmUp, warmUpSeconds, singles, seconds, maxSeconds, million);
  }

  /** The executions that warm up as many steps. */
  public int warmUp(int steps) {
    return Math.max(1, warmUp * WARM_UP_STEPS / steps);
  }
}
