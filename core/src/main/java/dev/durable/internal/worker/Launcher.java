package dev.durable.internal.worker;

import dev.durable.DurableException;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.Claim.Taken;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryStore;
import dev.durable.internal.store.worker.KeptHistory;
import dev.durable.internal.worker.Slots.Reserved;
import dev.durable.internal.worker.Slots.Slot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands claimed executions to the workload one by one. An execution that cannot be read is parked
 * with the reason, and the others run. For one thread.
 */
final class Launcher {

  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

  private static final int MOST_MISSES = 4;
  private static final int MOST_MISSED = 1_000;

  private final Lease lease;
  private final ClaimStore claims;
  private final HistoryStore store;
  private final Workload workload;
  private final Map<UUID, Integer> misses = new HashMap<>();
  private final Set<UUID> left = new HashSet<>();

  Launcher(Lease lease, ClaimStore claims, HistoryStore store, Workload workload) {
    this.lease = lease;
    this.claims = claims;
    this.store = store;
    this.workload = workload;
  }

  /**
   * Executions whose history cannot be read now are left: this worker owns them and does not run
   * them, and {@link Orphans} frees them once per lease.
   */
  void launch(SqlRunner runner, UUID worker, Claim claim, Reserved reserved) {
    left.clear();
    Map<UUID, Throwable> unreadable = new HashMap<>();
    Map<UUID, ClaimedHistory> histories = read(runner, claim.taken(), unreadable);
    workload.learn(runner, claim.executions().stream().map(Claimed::moved).toList());
    Adoptions adoptions = new Adoptions(workload);
    for (Taken taken : claim.taken()) {
      UUID id = taken.owner().id();
      if (!left.contains(id) && !unreadable.containsKey(id)) {
        adoptions.consider(taken, histories.getOrDefault(id, ClaimedHistory.NONE));
      }
    }
    unreadable.putAll(adoptions.damaged());
    left.addAll(adoptions.store(claims, runner, claim.taken()));
    for (Taken taken : claim.taken()) {
      Throwable damage =
          taken.unreadable() == null ? unreadable.get(taken.owner().id()) : taken.unreadable();
      Claimed execution = taken.execution();
      if (left.contains(taken.owner().id())) {
        continue;
      }
      if (damage == null && execution != null) {
        ClaimedHistory history = histories.getOrDefault(taken.owner().id(), ClaimedHistory.NONE);
        damage = launch(worker, taken, adoptions.moved(execution), history, reserved);
      }
      if (damage != null) {
        park(runner, taken.owner(), damage);
      }
    }
  }

  /** Runs it; returns the failure that makes this impossible, or null. */
  private @Nullable Throwable launch(
      UUID worker, Taken taken, Claimed execution, ClaimedHistory history, Reserved reserved) {
    Slot slot = reserved.take(taken.queue());
    if (slot == null) {
      throw new IllegalStateException("claimed more than was asked for: " + taken.owner());
    }
    boolean launched = false;
    try {
      slot.load(taken.bytes(), taken.suspect());
      // If the lease is lost meanwhile, the worker that takes this one over frees these as well.
      workload.run(execution, history, slot, () -> lease.isCurrent(worker));
      launched = true;
      return null;
    } catch (RuntimeException damage) {
      return damage;
    } finally {
      if (!launched) {
        slot.free();
      }
    }
  }

  private void park(SqlRunner runner, Ownership owner, Throwable damage) {
    LOG.error("Execution {} cannot be read and is parked", owner.id(), damage);
    claims.park(
        runner,
        owner,
        "It cannot be read: "
            + damage.getMessage()
            + ". Fix what is stored, then retry it; nothing has been undone.");
  }

  /** Only executions claimed before can have a history; most others have no signals either. */
  private Map<UUID, ClaimedHistory> read(
      SqlRunner runner, List<Taken> taken, Map<UUID, Throwable> unreadable) {
    List<UUID> known =
        taken.stream().filter(Taken::past).map(Taken::owner).map(Ownership::id).toList();
    if (known.isEmpty()) {
      return new HashMap<>();
    }
    try {
      return store.pasts(runner, known, kept(taken), unreadable);
    } catch (DurableException failed) {
      requireReadable(runner);
      return oneByOne(runner, known, unreadable);
    }
  }

  /** Kept histories; a compensating execution is read from the database. */
  private Map<UUID, KeptHistory> kept(List<Taken> taken) {
    Map<UUID, KeptHistory> all = new HashMap<>();
    for (Taken one : taken) {
      KeptHistory kept = workload.kept(one.owner());
      Claimed execution = one.execution();
      if (kept != null && one.past() && execution != null && execution.compensation() == null) {
        all.put(one.owner().id(), kept);
      }
    }
    return all;
  }

  /**
   * Asks for the history of an unknown execution.
   *
   * @throws DurableException if no history can be read
   */
  private void requireReadable(SqlRunner runner) {
    store.pasts(runner, List.of(TimeOrderedIds.next()), new HashMap<>());
  }

  /** Reads them one by one: at least one cannot be read, or not all of them together. */
  private Map<UUID, ClaimedHistory> oneByOne(
      SqlRunner runner, List<UUID> executions, Map<UUID, Throwable> unreadable) {
    Map<UUID, ClaimedHistory> histories = new HashMap<>();
    for (UUID execution : executions) {
      try {
        histories.putAll(store.pasts(runner, List.of(execution), unreadable));
        misses.remove(execution);
      } catch (DurableException failed) {
        if (SqlFailure.of(failed) == SqlFailure.VALUE || isHopeless(execution)) {
          misses.remove(execution);
          unreadable.put(execution, failed);
        } else {
          LOG.warn(
              "Execution {}: its history could not be read, and is read again after a lease:"
                  + " {}",
              execution,
              failed.getMessage());
          left.add(execution);
        }
      }
    }
    return histories;
  }

  /** Whether an execution's history was unreadable several times in a row, while others are not. */
  private boolean isHopeless(UUID execution) {
    if (misses.size() > MOST_MISSED) {
      misses.clear();
    }
    return misses.merge(execution, 1, Integer::sum) >= MOST_MISSES;
  }
}
