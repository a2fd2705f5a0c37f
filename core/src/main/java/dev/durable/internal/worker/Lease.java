package dev.durable.internal.worker;

import dev.durable.internal.store.KeptConnection;
import dev.durable.internal.store.TakeoverStore;
import dev.durable.internal.store.TimeOrderedIds;
import dev.durable.internal.store.WorkerStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a member of the schema: an id, and a lease that it renews. When the lease is
 * lost, everything that runs under the id is stopped, and the process joins again under a new one:
 * an id is never reused.
 */
final class Lease {

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final WorkerStore store;
  private final TakeoverStore takeovers;
  private final String name;
  private final Set<String> queues;
  private final Workload workload;
  private final Duration lease;
  private final AtomicReference<@Nullable UUID> current = new AtomicReference<>();
  private volatile long renewedAt;
  private volatile @Nullable UUID retiring;
  private volatile Instant written = Instant.EPOCH;
  private volatile String lost = "it has not joined yet";
  private volatile @Nullable String missed;

  Lease(
      WorkerStore store,
      TakeoverStore takeovers,
      String name,
      Set<String> queues,
      Workload workload,
      Duration lease) {
    this.store = store;
    this.takeovers = takeovers;
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
    written = store.register(id, name, queues, workload.definitions(), workload.editions(), lease);
    renewedAt = asked;
    missed = null;
    current.set(id);
    LOG.info("Worker {} ({}) works on queues {}", name, id, queues);
  }

  /**
   * Renews the lease.
   *
   * @param kept the heartbeat's own connection
   * @return whether executions of dead workers wait to be taken over
   */
  boolean beat(UUID id, KeptConnection kept) {
    long asked = System.nanoTime();
    WorkerStore.Beat beat = store.beat(id, kept);
    Instant found = beat.before();
    Instant now = beat.written();
    if (found == null || now == null) {
      lose(id, "its lease has run out, or it was declared dead", false);
    } else if (found.isBefore(written)) {
      LOG.error(
          "The database has gone back in time: the last heartbeat of worker {} in it is of {}, and"
              + " this worker has written one at {}. Commits in between are lost: a replica that"
              + " lagged has become the primary, or a copy was restored.",
          id,
          found,
          written);
      lose(id, "the database has gone back in time", true);
    } else {
      written = now;
      renewedAt = asked;
    }
    missed = null;
    return beat.deadWorkers();
  }

  /** A heartbeat failed; the lease may still be good. */
  void missed(Throwable failure) {
    missed = String.valueOf(failure.getMessage());
  }

  /** What keeps this worker from its work; empty while all is well. */
  List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    String failure = missed;
    if (current.get() == null) {
      reasons.add("no lease: " + lost);
    }
    if (failure != null) {
      reasons.add("the last heartbeat failed: " + failure);
    }
    return reasons;
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
      lost = why;
      LOG.warn("Worker {} ({}) stops what it runs: {}", name, id, why);
      retiring = innocent ? id : null;
      workload.abandonAll(why);
    }
  }

  /** Lets others claim what the definitions of this process have moved. */
  void claimsNothing() {
    UUID id = current.get();
    if (id != null) {
      store.claimsNothing(id);
    }
  }

  /**
   * Leaves in good order and frees whatever is still owned.
   *
   * @param freed told of each queue in which something has been freed, after the commit
   */
  void leave(int maxRecoveries, Consumer<String> freed) {
    UUID id = current.getAndSet(null);
    if (id == null) {
      return;
    }
    workload.abandonAll("this worker leaves");
    store.retire(id);
    TakeoverStore.Released released;
    do {
      released = takeovers.release(id, maxRecoveries, Takeover.BATCH);
      released.queues().forEach(freed);
    } while (released.executions() == Takeover.BATCH);
  }

  /** Lets others take over at once what ran under an id that was given up without its fault. */
  void retireLast() {
    UUID last = retiring;
    if (last != null) {
      store.retire(last);
      retiring = null;
    }
  }
}
