package dev.durable.internal.worker;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How often the claimer looks for work, how much it claims at once, and from where: all of it
 * follows from what the looks before have found. For one thread.
 */
final class ClaimPace {

  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int FEW = 16;
  private static final long OFTEN = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * How long claims go on where the last one ended while there is a backlog. For so long may an
   * execution with a high priority wait behind others.
   */
  private static final long ONWARD = TimeUnit.MILLISECONDS.toNanos(50);

  private final long longestPause;
  private long foundAt = System.nanoTime() - OFTEN;
  private long foundBeforeAt = foundAt;
  private long fromFirstAt = foundAt;
  private boolean backlog;
  private long pause = FIRST_PAUSE;
  private int most = FEW;

  ClaimPace(Duration longestPause) {
    this.longestPause = longestPause.toNanos();
  }

  /** The most executions to claim at once. */
  int most() {
    return most;
  }

  /** Whether to go on where the last claim ended; now and then it looks from the first row. */
  boolean goesOn() {
    long now = System.nanoTime();
    if (backlog && now - fromFirstAt < ONWARD) {
      return true;
    }
    fromFirstAt = now;
    return false;
  }

  /** Whether work is found often. */
  boolean findsOften() {
    return System.nanoTime() - foundBeforeAt < OFTEN;
  }

  /**
   * Notes what was claimed.
   *
   * @param full whether a queue gave all that was asked for, so that it may have more
   */
  void claimed(int executions, boolean full) {
    backlog = full;
    most = Math.min(Slots.MAX_CLAIM, Math.max(FEW, 2 * executions));
    if (executions > 0) {
      foundBeforeAt = foundAt;
      foundAt = System.nanoTime();
    }
  }

  /**
   * Notes that a claim failed: a smaller one may fit into the memory, or the time, that is left.
   */
  void failed() {
    most = Math.max(1, most / 4);
  }

  /** The pause before the next look, in nanoseconds: it grows while nothing is found. */
  long pauseAfter(boolean found) {
    pause = found ? FIRST_PAUSE : Math.min(2 * pause, longestPause);
    return Math.min(pause, longestPause);
  }

  /** Notes that the pause was cut short: there may be more work soon. */
  void woken() {
    pause = FIRST_PAUSE;
  }
}
