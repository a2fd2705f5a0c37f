package dev.durable.internal.engine.run;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Growing pauses between tries of a question that the database does not answer. Such a failure says
 * nothing about the workflow. Each is logged at DEBUG, and one in ten seconds at WARN.
 */
public final class RetryPauses {

  private static final Logger LOG = LoggerFactory.getLogger(RetryPauses.class);
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final int DOUBLED = 5;
  private static final long SELDOM = Duration.ofSeconds(10).toNanos();
  private static final AtomicLong TOLD_AT = new AtomicLong(System.nanoTime() - SELDOM);

  private final AtomicInteger failures = new AtomicInteger();

  /** The pause after one more failure. */
  public Duration next(String doing, Throwable failure) {
    int number = failures.getAndIncrement();
    Duration pause = FIRST.multipliedBy(1L << Math.min(number, DOUBLED));
    long last = TOLD_AT.get();
    if (System.nanoTime() - last >= SELDOM && TOLD_AT.compareAndSet(last, System.nanoTime())) {
      LOG.warn("Could not {}; trying again in {}: {}", doing, pause, failure.toString());
    } else {
      LOG.debug("Could not {}; trying again in {}: {}", doing, pause, failure.toString());
    }
    return pause;
  }

  /** The database has answered: the next pause is short again. */
  public void over() {
    failures.set(0);
  }
}
