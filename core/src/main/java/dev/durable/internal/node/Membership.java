package dev.durable.internal.node;

import dev.durable.internal.store.KeptConnection;
import dev.durable.internal.store.NodeStore;
import dev.durable.internal.store.TimeOrderedIds;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a member of the schema: an id, and a lease that it renews. When the lease is
 * lost, everything that runs under the id is stopped, and the process joins again under a new one:
 * an id is never reused.
 */
final class Membership {

  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final NodeStore store;
  private final String name;
  private final Set<String> queues;
  private final Workload workload;
  private final Duration lease;
  private final AtomicReference<@Nullable UUID> current = new AtomicReference<>();
  private volatile long renewedAt;
  private volatile @Nullable UUID retiring;

  Membership(NodeStore store, String name, Set<String> queues, Workload workload, Duration lease) {
    this.store = store;
    this.name = name;
    this.queues = queues;
    this.workload = workload;
    this.lease = lease;
  }

  /** The id under which this process may own executions; null while it has no lease. */
  @Nullable UUID current() {
    return current.get();
  }

  /** Whether this id still has its lease, as far as is known here. */
  boolean isCurrent(UUID id) {
    return id.equals(current.get());
  }

  /** Joins under a new id. */
  void join() {
    retireLast();
    UUID id = TimeOrderedIds.next();
    long asked = System.nanoTime();
    store.register(id, name, queues, workload.definitions(), lease);
    renewedAt = asked;
    current.set(id);
    LOG.info("Node {} ({}) works on queues {}", name, id, queues);
  }

  /**
   * Renews the lease.
   *
   * @param kept the heartbeat's own connection
   * @return whether executions of dead nodes wait to be taken over
   */
  boolean beat(UUID id, KeptConnection kept) {
    long asked = System.nanoTime();
    NodeStore.Beat beat = store.beat(id, kept);
    if (beat.alive()) {
      renewedAt = asked;
    } else {
      lose(id, "its lease has run out, or it was declared dead", false);
    }
    return beat.deadNodes();
  }

  /** Whether the lease could not be renewed for half its time, by the monotonic clock. */
  boolean isStale() {
    return System.nanoTime() - renewedAt > lease.toNanos() / 2;
  }

  /**
   * Gives the id up and stops everything that runs under it.
   *
   * @param innocent whether the executions are not to blame, so that they are not counted as lost
   */
  void lose(UUID id, String why, boolean innocent) {
    if (current.compareAndSet(id, null)) {
      LOG.warn("Node {} ({}) stops what it runs: {}", name, id, why);
      retiring = innocent ? id : null;
      workload.abandonAll(why);
    }
  }

  /** Leaves in good order and frees whatever is still owned. */
  void leave(int maxRecoveries) {
    UUID id = current.getAndSet(null);
    if (id == null) {
      return;
    }
    workload.abandonAll("this worker leaves");
    store.retire(id);
    while (store.release(id, maxRecoveries, Heartbeat.TAKEOVER_BATCH) == Heartbeat.TAKEOVER_BATCH) {
      // More are left.
    }
  }

  private void retireLast() {
    UUID last = retiring;
    if (last != null) {
      store.retire(last);
      retiring = null;
    }
  }
}
