package dev.durable.internal.worker;

import dev.durable.DurableException;
import dev.durable.internal.service.ThrottledLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When to claim from limited queues again after another transaction held one, or a claim failed:
 * soon, for other workers hold a queue but for milliseconds, and then less and less often. For one
 * thread, but for {@link #reasons}.
 */
final class LimitedRetry {

  private static final Logger LOG = LoggerFactory.getLogger(LimitedRetry.class);

  private static final long FIRST_NANOS = 2_000_000;
  private static final int MOST_DOUBLINGS = 7;

  private final ThrottledLog failures = new ThrottledLog();
  private int tries;
  private long failedUntil = System.nanoTime();
  private volatile @Nullable String failing;

  /** Whether they may be claimed from now: not for a while after a failure. */
  boolean isDue() {
    return System.nanoTime() - failedUntil >= 0;
  }

  /** They were claimed from. */
  void tried(boolean busy) {
    tries = busy ? tries + 1 : 0;
    failing = null;
  }

  /** The claim has failed. */
  void failed(RuntimeException failure) {
    tries++;
    failedUntil = System.nanoTime() + nanos(MOST_DOUBLINGS);
    failing = String.valueOf(failure.getMessage());
    if (failures.isDue()) {
      LOG.warn(
          "Could not claim from the limited queues; tries again: {}",
          failure.getMessage(),
          failure instanceof DurableException ? null : failure);
    }
  }

  /** Why they cannot be claimed from; empty if they can. */
  List<String> reasons() {
    String why = failing;
    return why == null ? List.of() : List.of("the last claim from limited queues failed: " + why);
  }

  /** How long to wait for the next try; null if none is needed. */
  @Nullable Duration pause() {
    return tries == 0 ? null : Duration.ofNanos(nanos(Math.min(tries - 1, MOST_DOUBLINGS)));
  }

  /** Not the same for all workers, or they would meet again. */
  private static long nanos(int doublings) {
    long most = FIRST_NANOS << doublings;
    return most / 2 + ThreadLocalRandom.current().nextLong(most);
  }
}
