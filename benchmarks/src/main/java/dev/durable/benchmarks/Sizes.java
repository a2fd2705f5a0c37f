package dev.durable.benchmarks;

/**
 * How much is measured.
 *
 * @param executions the executions of one measured round of a throughput scenario
 * @param rounds the measured rounds in one child; their median counts
 * @param warmUp the executions before the first measured round
 * @param singles the executions of a latency scenario, one at a time
 * @param idleSeconds how long the idle node is watched
 */
record Sizes(int executions, int rounds, int warmUp, int singles, int idleSeconds) {

  /** What the published figures are made with. */
  static Sizes full() {
    return new Sizes(10_000, 3, 20_000, 500, 60);
  }

  /** Just enough to see that everything works. */
  static Sizes tiny() {
    return new Sizes(100, 2, 100, 5, 1);
  }

  Sizes idleFor(int seconds) {
    return new Sizes(executions, rounds, warmUp, singles, seconds);
  }
}
