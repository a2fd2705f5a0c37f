package dev.durable.internal.worker;

import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.worker.TakeoverStore;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of this worker: an id and the row in {@code workers} that the {@link Heartbeat} renews.
 * When the lease is lost, everything that runs under its id stops, and the worker joins again under
 * a new id; an id is never reused.
 *
 * <p><b>Lease and token, and where each is checked.</b> The lease says that a worker lives, the
 * token ({@link dev.durable.internal.store.journal.Ownership}) that a run still owns its execution.
 * This worker's knowledge of its lease only saves work; the token in the database decides.
 *
 * <ul>
 *   <li>In this process, {@link #isCurrent} and {@link #current} are asked before a claim ({@link
 *       ClaimRound}), before a start is offered as owned here ({@link LeasedWorker#lease}), and
 *       once more before a claimed execution runs ({@link Workload#run}). The {@link Watchdog}
 *       gives the lease up when half of it has passed without a renewal ({@link #isStale}), so a
 *       worker stops before others may take over.
 *   <li>In the database, a heartbeat renews a lease that has not run out and declares other workers
 *       dead ({@code WorkerStore.BEAT}); a claim and an owned start lock the worker's row and need
 *       it alive ({@code ClaimStore}, {@code StartStatement}); each commit of a run compares owner
 *       and token ({@code EntryStatement}, {@code ${owned}}). A run whose token is out of date
 *       cannot commit, whatever its worker believes.
 * </ul>
 */
final class Lease {

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final WorkerStore store;
  private final TakeoverStore takeovers;
  private final String name;
  private final Supplier<Set<String>> queues;
  private final Supplier<List<String>> schedules;
  private final Workload workload;
  private final Duration length;
  private final AtomicReference<@Nullable UUID> current = new AtomicReference<>();
  private volatile long renewedAt;
  private final ReentrantLock declaring = new ReentrantLock();
  private volatile boolean claims = true;
  private volatile UUID last = new UUID(0, 0);
  private volatile @Nullable UUID retiring;
  private volatile Instant written = Instant.EPOCH;
  private volatile String lost = "it has not joined yet";
  private volatile @Nullable String missed;

  Lease(
      WorkerStore store,
      TakeoverStore takeovers,
      String name,
      Supplier<Set<String>> queues,
      Supplier<List<String>> schedules,
      Workload workload,
      Duration length) {
    this.store = store;
    this.takeovers = takeovers;
    this.name = name;
    this.queues = queues;
    this.schedules = schedules;
    this.workload = workload;
    this.length = length;
  }

  /** The id under which this worker may own executions; null while it has no lease. */
  @Nullable UUID current() {
    return current.get();
  }

  /** Whether this id still has its lease, as far as this process knows. */
  boolean isCurrent(UUID id) {
    return id.equals(current.get());
  }

  /** The id that it has, or has had last. */
  UUID last() {
    return last;
  }

  /** Joins under a new id. */
  void join() {
    declaring.lock();
    try {
      retireLast();
      UUID id = TimeOrderedIds.next();
      Duties duties = duties();
      long asked = System.nanoTime();
      written = store.register(id, name, duties, length);
      renewedAt = asked;
      missed = null;
      last = id;
      current.set(id);
      if (!claims) {
        store.claimsNothing(id);
      }
      LOG.info("Worker {} ({}) works on queues {}", name, id, duties.queues());
    } finally {
      declaring.unlock();
    }
  }

  private Duties duties() {
    return new Duties(queues.get(), workload.definitions(), workload.editions(), schedules.get());
  }

  /** Writes what this worker works on now; without a lease, the next {@link #join} does. */
  void declare() {
    declaring.lock();
    try {
      UUID id = current.get();
      if (id == null) {
        return;
      }
      store.declare(id, duties());
      if (!claims) {
        store.claimsNothing(id);
      }
    } finally {
      declaring.unlock();
    }
  }

  /** Claims again what the definitions of this worker moved last. */
  void claimsAgain() {
    claims = true;
    declare();
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
      lose(id, "its lease has run out, or it was declared dead", true);
    } else if (found.isBefore(written)) {
      LOG.error(
          "The database has gone back in time: the last heartbeat of worker {} in it is of {}, and"
              + " this worker has written one at {}. Commits in between are lost: a replica that"
              + " lagged has become the primary, or a copy was restored.",
          id,
          found,
          written);
      lose(id, "the database has gone back in time", false);
    } else {
      written = now;
      renewedAt = asked;
    }
    missed = null;
    return beat.deadWorkers();
  }

  /** Records that a heartbeat failed; the lease may still be good. */
  void missed(Throwable failure) {
    missed = String.valueOf(failure.getMessage());
  }

  /** The reasons why this worker cannot work; empty if there are none. */
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
    return System.nanoTime() - renewedAt > length.toNanos() / 2;
  }

  /**
   * Gives the id up and stops everything that runs under it.
   *
   * @param countAsLoss whether each execution's recovery counter goes up
   */
  void lose(UUID id, String why, boolean countAsLoss) {
    if (current.compareAndSet(id, null)) {
      lost = why;
      LOG.warn("Worker {} ({}) stops what it runs: {}", name, id, why);
      retiring = countAsLoss ? null : id;
      workload.abandonAll(why);
    }
  }

  /** Lets other workers claim the executions that the definitions of this one moved last. */
  void claimsNothing() {
    claims = false;
    UUID id = current.get();
    if (id != null) {
      store.claimsNothing(id);
    }
  }

  /**
   * Leaves in good order and frees the executions that are still owned.
   *
   * @param freed receives each queue in which an execution was freed, after the commit
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

  /**
   * Lets other workers take over at once the executions of an id that was given up, if that does
   * not count as a loss.
   */
  void retireLast() {
    UUID last = retiring;
    if (last != null) {
      store.retire(last);
      retiring = null;
    }
  }

  @Override
  public String toString() {
    UUID id = current.get();
    long age = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - renewedAt);
    return "lease of "
        + name
        + (id == null ? ": none, " + lost : ": " + id + ", " + age + " ms old");
  }
}
