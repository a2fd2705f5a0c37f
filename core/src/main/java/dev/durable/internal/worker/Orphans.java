package dev.durable.internal.worker;

import dev.durable.internal.service.ThrottledLog;
import dev.durable.internal.store.Ownership;
import dev.durable.internal.store.TakeoverStore;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executions that this worker owns in the database and does not run. They come into being when the
 * answer to a claim or to a start is lost: committed, but nobody knows. The lease is renewed all
 * the same, so no other worker would ever take them over.
 *
 * <p>Only for the thread that claims: what it has claimed and not yet handed over would look the
 * same.
 */
final class Orphans {

  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final TakeoverStore store;
  private final Workload workload;
  private final long interval;
  private boolean suspected;
  private int freed;
  private final ThrottledLog lines = new ThrottledLog();
  private long lookedAt = System.nanoTime();

  /**
   * @param interval how often to look without a suspicion
   */
  Orphans(TakeoverStore store, Workload workload, Duration interval) {
    this.store = store;
    this.workload = workload;
    this.interval = interval.toNanos();
  }

  /** Something went wrong between a claim and its run. */
  void suspect() {
    suspected = true;
  }

  /** Lets others, or this worker itself, claim them again. */
  void free(UUID worker) {
    long now = System.nanoTime();
    if (!suspected && now - lookedAt < interval) {
      return;
    }
    // First the database, then the workload: what the workload has lost meanwhile has also been
    // written, and the token keeps us away from it.
    List<Ownership> orphans =
        store.owned(worker).stream().filter(owned -> !workload.has(owned)).toList();
    if (!orphans.isEmpty()) {
      freed += orphans.size();
      if (lines.isDue()) {
        LOG.warn(
            "Freeing executions that this worker owns and does not run: {} since the last such line."
                + " The answer to their claim or start was lost, or could not be used",
            freed);
        freed = 0;
      }
      store.disown(orphans);
    }
    suspected = false;
    lookedAt = now;
  }
}
