package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.ClaimRoom;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.worker.Slots.Reserved;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Claims due executions while slots are free: at once while a claim comes back full, when a slot
 * frees up in a queue with a backlog, on a hint, and when a known execution becomes due; otherwise
 * less and less often, down to the poll interval.
 */
final class Claimer {

  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long FARTHEST = TimeUnit.DAYS.toNanos(1);
  private static final Duration LAST_CLAIM = Duration.ofSeconds(10);
  private static final Duration LONGEST_HOLD = Duration.ofSeconds(1);
  private static final Duration LOCK = Duration.ofMillis(2_500);

  /**
   * An execution that has lost so many workers in a row may be the one that ends them: a worker
   * runs only one such suspect at a time. So the culprit is parked alone, and the others, which ran
   * beside it before it was suspected, end in turn or make progress, which clears them.
   */
  private static final int SUSPICION = 3;

  private static final int FEW = 16;
  private static final long OFTEN = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * How long claims go on where the last one ended while there is a backlog. For so long may an
   * execution with a high priority wait behind others.
   */
  private static final long ONWARD = TimeUnit.MILLISECONDS.toNanos(50);

  private final Lease lease;
  private final ClaimStore claims;
  private final Launcher launcher;
  private final Slots slots;
  private final Workload workload;
  private final Orphans orphans;
  private final Database database;
  private final KeptConnection kept;
  private final long longestPause;
  private final int suspicion;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean signalled;
  private long dueAt = Long.MAX_VALUE;
  private long foundAt = System.nanoTime() - OFTEN;
  private long foundBeforeAt = foundAt;
  private long fromFirstAt = foundAt;
  private boolean backlog;
  private long pause = FIRST_PAUSE;
  private int most = FEW;
  private @Nullable ServiceThread thread;

  Claimer(
      Lease lease,
      ClaimStore claims,
      Launcher launcher,
      Slots slots,
      Workload workload,
      Orphans orphans,
      Database database,
      Duration pollInterval,
      int maxRecoveries) {
    this.lease = lease;
    this.claims = claims;
    this.launcher = launcher;
    this.slots = slots;
    this.workload = workload;
    this.orphans = orphans;
    this.database = database.byKey();
    this.kept = KeptConnection.busy(database, LOCK);
    this.longestPause = pollInterval.toNanos();
    this.suspicion = Math.max(1, Math.min(SUSPICION, (maxRecoveries + 1) / 2));
    slots.onFree(this::look);
  }

  void start(Services services) {
    thread = services.start("claimer", this::round, kept::close);
  }

  /** Ends the thread; after this no more executions are claimed. */
  void stop() {
    ServiceThread started = thread;
    if (started != null) {
      started.stop();
      look();
      started.join(LAST_CLAIM);
    }
  }

  /** Looks now: there may be work. */
  void look() {
    lock.lock();
    try {
      signalled = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Looks when this time has passed: an execution is due then. */
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

  private boolean round(ServiceThread self) {
    try {
      Look look = lookOnce(self);
      if (look.full()) {
        return true;
      }
      pause = look.found() ? FIRST_PAUSE : Math.min(2 * pause, longestPause);
    } catch (Throwable failure) {
      orphans.suspect();
      kept.close();
      // A smaller claim may fit into the memory, or the time, that is left.
      most = Math.max(1, most / 4);
      throw failure;
    }
    self.rest();
    if (await(self, Math.min(pause, longestPause))) {
      pause = FIRST_PAUSE;
    } else {
      kept.close();
    }
    return true;
  }

  /** The outcome of a look: whether it found work, and whether as much as there was room for. */
  private record Look(boolean found, boolean full) {}

  private Look lookOnce(ServiceThread self) {
    UUID worker = lease.current();
    if (worker == null) {
      return new Look(false, false);
    }
    orphans.free(worker);
    Reserved reserved = slots.reserve(most);
    try {
      if (reserved.isEmpty()) {
        return new Look(false, false);
      }
      SqlRunner runner = runner();
      boolean onward = goesOn();
      Claim claim =
          claims.claim(
              runner, worker, room(reserved), workload.definitions(), workload.editions(), onward);
      self.beat();
      launcher.launch(runner, worker, claim, reserved);
      if (claim.crowd()) {
        claims.wake(
            runner,
            worker,
            reserved.counts().keySet(),
            workload.definitions(),
            workload.editions());
      }
      if (claim.nextDue() != null) {
        lookIn(claim.nextDue());
      }
      return looked(claim, reserved, onward);
    } finally {
      reserved.freeRest();
    }
  }

  private ClaimRoom room(Reserved reserved) {
    return new ClaimRoom(
        reserved.counts(),
        suspicion,
        !slots.hasSuspect(),
        Math.max(0, slots.bytesLeft()),
        slots.holdsNothing());
  }

  /** Whether to go on where the last claim ended; now and then it looks from the first row. */
  private boolean goesOn() {
    long now = System.nanoTime();
    if (backlog && now - fromFirstAt < ONWARD) {
      return true;
    }
    fromFirstAt = now;
    return false;
  }

  private Look looked(Claim claim, Reserved reserved, boolean onward) {
    boolean full = false;
    for (String queue : reserved.counts().keySet()) {
      boolean all = reserved.isUsedUp(queue);
      slots.backlog(queue, all);
      full |= all;
    }
    backlog = full;
    slots.cramped(claim.more());
    most = Math.min(Slots.MAX_CLAIM, Math.max(FEW, 2 * claim.taken().size()));
    boolean found = !claim.taken().isEmpty();
    if (found) {
      foundBeforeAt = foundAt;
      foundAt = System.nanoTime();
    }
    return new Look(found, (found && (full || claim.more())) || (onward && !full));
  }

  /**
   * Keeps one connection while work is found often: planning a claim takes longer than running it.
   */
  private SqlRunner runner() {
    if (System.nanoTime() - foundBeforeAt < OFTEN) {
      kept.closeAfter(LONGEST_HOLD);
      return kept;
    }
    kept.close();
    return database;
  }

  /** Waits at most that long; true if it was woken before. */
  private boolean await(ServiceThread self, long nanos) {
    lock.lock();
    try {
      long until = System.nanoTime() + nanos;
      while (!signalled && !self.isStopped()) {
        long now = System.nanoTime();
        long left = until - now;
        if (dueAt != Long.MAX_VALUE) {
          left = Math.min(left, dueAt - now);
        }
        if (left <= 0) {
          break;
        }
        awaitChange(left);
      }
      boolean due = dueAt != Long.MAX_VALUE && dueAt - System.nanoTime() <= 0;
      if (due) {
        dueAt = Long.MAX_VALUE;
      }
      boolean woken = signalled || due;
      signalled = false;
      return woken;
    } finally {
      lock.unlock();
    }
  }

  /** An interrupt meant for another thread must not turn a pause into another look. */
  @SuppressWarnings("WaitNotInLoop") // Called in one.
  private void awaitChange(long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException notOurs) {
      // Only stop() ends the thread, and wakes it.
    }
  }
}
