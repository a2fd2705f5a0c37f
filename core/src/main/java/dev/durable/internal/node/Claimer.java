package dev.durable.internal.node;

import dev.durable.internal.store.ClaimStore;
import dev.durable.internal.store.ClaimStore.Claim;
import dev.durable.internal.store.ClaimStore.Claimed;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.HistoryStore;
import dev.durable.internal.store.KeptConnection;
import dev.durable.internal.store.Past;
import dev.durable.internal.store.SqlRunner;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for due work while there are free slots: at once while a claim comes back full, when a slot
 * frees up in a queue with a backlog, on a hint, and when something known becomes due; else ever
 * more seldom, down to the poll interval.
 */
final class Claimer {

  private static final Logger LOG = LoggerFactory.getLogger(Claimer.class);
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long FARTHEST = TimeUnit.DAYS.toNanos(1);
  private static final long AFTER_FAILURE = TimeUnit.SECONDS.toNanos(1);
  private static final Duration LONGEST_HOLD = Duration.ofSeconds(1);
  private static final Duration LOCK = Duration.ofMillis(2_500);
  private static final long OFTEN = TimeUnit.MILLISECONDS.toNanos(100);

  private final Membership membership;
  private final ClaimStore claims;
  private final HistoryStore histories;
  private final Slots slots;
  private final Workload workload;
  private final Orphans orphans;
  private final Database database;
  private final KeptConnection kept;
  private final long longestPause;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean signalled;
  private long dueAt = Long.MAX_VALUE;
  private long foundAt = System.nanoTime() - OFTEN;
  private long foundBeforeAt = foundAt;
  private volatile boolean stopped;
  private @Nullable Thread thread;

  Claimer(
      Membership membership,
      ClaimStore claims,
      HistoryStore histories,
      Slots slots,
      Workload workload,
      Orphans orphans,
      Database database,
      Duration pollInterval) {
    this.membership = membership;
    this.claims = claims;
    this.histories = histories;
    this.slots = slots;
    this.workload = workload;
    this.orphans = orphans;
    this.database = database;
    this.kept = KeptConnection.busy(database, LOCK);
    this.longestPause = pollInterval.toNanos();
    slots.onFree(this::look);
  }

  void start(String name) {
    thread = Thread.ofPlatform().name(name + "-claimer").daemon().start(this::run);
  }

  /** Ends the thread; after this no more executions are claimed. */
  void stop() {
    stopped = true;
    look();
    try {
      if (thread != null) {
        thread.join(TimeUnit.SECONDS.toMillis(10));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** There may be work: look now. */
  void look() {
    lock.lock();
    try {
      signalled = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Something will be due then: look then. */
  void lookIn(Duration wait) {
    long at = System.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(wait), FARTHEST);
    lock.lock();
    try {
      if (dueAt == Long.MAX_VALUE || at - dueAt < 0) {
        dueAt = at;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    long pause = FIRST_PAUSE;
    while (!stopped) {
      try {
        Look look = lookOnce();
        if (look.full()) {
          continue;
        }
        pause = look.found() ? FIRST_PAUSE : Math.min(2 * pause, longestPause);
      } catch (RuntimeException failure) {
        LOG.warn("Could not claim work; trying again: {}", failure.getMessage());
        orphans.suspect();
        pause = Math.min(AFTER_FAILURE, longestPause);
      }
      if (await(Math.min(pause, longestPause))) {
        pause = FIRST_PAUSE;
      } else {
        kept.close();
      }
    }
    kept.close();
  }

  /** What a look brought: something at all, and perhaps as much as there was room for. */
  private record Look(boolean found, boolean full) {}

  private Look lookOnce() {
    UUID node = membership.current();
    if (node != null) {
      orphans.free(node);
    }
    Map<String, List<Slots.Slot>> reserved = slots.reserve();
    if (reserved.isEmpty() || node == null) {
      reserved.values().forEach(free -> free.forEach(Slots.Slot::free));
      return new Look(false, false);
    }
    Map<String, ArrayDeque<Slots.Slot>> free = new LinkedHashMap<>();
    Map<String, Integer> wanted = new LinkedHashMap<>();
    reserved.forEach(
        (queue, list) -> {
          free.put(queue, new ArrayDeque<>(list));
          wanted.put(queue, list.size());
        });
    try {
      SqlRunner runner = runner();
      Claim claim = claims.claim(runner, node, wanted, workload.definitions());
      run(runner, node, claim, free);
      if (claim.nextDue() != null) {
        lookIn(claim.nextDue());
      }
      boolean full = false;
      for (Map.Entry<String, ArrayDeque<Slots.Slot>> queue : free.entrySet()) {
        boolean more = queue.getValue().isEmpty();
        slots.backlog(queue.getKey(), more);
        full |= more;
      }
      boolean found = !claim.executions().isEmpty();
      if (found) {
        foundBeforeAt = foundAt;
        foundAt = System.nanoTime();
      }
      return new Look(found, full);
    } finally {
      free.values().forEach(left -> left.forEach(Slots.Slot::free));
    }
  }

  /** While work is found often, on one connection: planning the claim takes longer than it does. */
  private SqlRunner runner() {
    if (System.nanoTime() - foundBeforeAt < OFTEN) {
      kept.closeAfter(LONGEST_HOLD);
      return kept;
    }
    kept.close();
    return database;
  }

  private void run(
      SqlRunner runner, UUID node, Claim claim, Map<String, ArrayDeque<Slots.Slot>> free) {
    Map<UUID, Past> pasts = pasts(runner, claim.executions());
    for (Claimed claimed : claim.executions()) {
      Slots.Slot slot = free.getOrDefault(claimed.queue(), new ArrayDeque<>()).poll();
      if (slot == null) {
        throw new IllegalStateException("claimed more than was asked for: " + claimed.owner());
      }
      // If the lease is lost meanwhile, whoever takes the node over frees these as well.
      workload.run(
          claimed,
          pasts.getOrDefault(claimed.owner().id(), Past.NONE),
          slot,
          () -> membership.isCurrent(node));
    }
  }

  /** Only what has been claimed before can have a history. */
  private Map<UUID, Past> pasts(SqlRunner runner, List<Claimed> claimed) {
    List<UUID> known =
        claimed.stream().filter(c -> c.owner().token() > 1).map(c -> c.owner().id()).toList();
    return known.isEmpty() ? new HashMap<>() : histories.pasts(runner, known);
  }

  /** True if it was woken before the time was up. */
  private boolean await(long nanos) {
    lock.lock();
    try {
      long until = System.nanoTime() + nanos;
      while (!signalled && !stopped) {
        long now = System.nanoTime();
        long left = until - now;
        if (dueAt != Long.MAX_VALUE) {
          left = Math.min(left, dueAt - now);
        }
        if (left <= 0) {
          break;
        }
        changed.awaitNanos(left);
      }
      boolean due = dueAt != Long.MAX_VALUE && dueAt - System.nanoTime() <= 0;
      if (due) {
        dueAt = Long.MAX_VALUE;
      }
      boolean woken = signalled || due;
      signalled = false;
      return woken;
    } catch (InterruptedException ignored) {
      return true;
    } finally {
      lock.unlock();
    }
  }
}
