package dev.durable.internal.service;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * The failures of a thread since its work last succeeded: they are logged, and the pause after each
 * grows. For one thread.
 */
final class FailureStreak {

  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final Logger log;
  private final FailureLog complaints;
  private final String thread;
  private boolean told;
  private long pause = FIRST_PAUSE;

  FailureStreak(Logger log, String thread) {
    this.log = log;
    this.complaints = new FailureLog(log);
    this.thread = thread;
  }

  void failed(Throwable failure) {
    told |= complaints.log("Thread " + thread + " failed and continues", failure);
  }

  void failedToCleanUp(Throwable failure) {
    complaints.log("Thread " + thread + " could not clean up", failure);
  }

  /** Ends the streak; if the log has a failure of it, it gets that as well. */
  void end() {
    pause = FIRST_PAUSE;
    if (told) {
      told = false;
      log.info("Thread {} works again", thread);
    }
  }

  /** The pause before the work is tried again, in nanoseconds. */
  long nextPause() {
    long next = pause;
    pause = Math.min(2 * pause, LONGEST_PAUSE);
    return next;
  }
}
