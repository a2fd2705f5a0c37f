package dev.durable.internal.worker;

import dev.durable.internal.service.ThrottledLog;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.OrphanStore;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executions that this worker owns in the database and does not run. They arise when a claim or a
 * start commits but its reply is lost. The lease is renewed all the same, so no other worker would
 * ever take them over.
 *
 * <p>Only for the thread that claims: executions it has claimed and not yet handed over would look
 * the same.
 */
final class Orphans {

  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final OrphanStore store;
  private final Workload workload;
  private final long interval;
  private boolean suspected;
  private int freed;
  private final ThrottledLog lines = new ThrottledLog();
  private long lookedAt = System.nanoTime();

  /**
   * @param interval the time between looks without a suspicion
   */
  Orphans(OrphanStore store, Workload workload, Duration interval) {
    this.store = store;
    this.workload = workload;
    this.interval = interval.toNanos();
  }

  /** Looks next time: a claim failed before its executions ran. */
  void suspect() {
    suspected = true;
  }

  /** Frees them: this worker or another one claims them again. */
  void free(UUID worker) {
    long now = System.nanoTime();
    if (!suspected && now - lookedAt < interval) {
      return;
    }
    // First the database, then the workload: an execution that the workload has given up meanwhile
    // was also written, and the token keeps this worker away from it.
    List<Ownership> orphans =
        store.owned(worker).stream().filter(owned -> !workload.has(owned)).toList();
    if (!orphans.isEmpty()) {
      freed += store.disown(orphans);
      if (freed > 0 && lines.isDue()) {
        LOG.warn(
            "Freed executions that this worker owned and did not run: {} since the last such line."
                + " The answer to their claim or start was lost, or could not be used",
            freed);
        freed = 0;
      }
    }
    suspected = false;
    lookedAt = now;
  }
}
