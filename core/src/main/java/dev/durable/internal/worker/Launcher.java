package dev.durable.internal.worker;

import dev.durable.DurableException;
import dev.durable.internal.store.Claim;
import dev.durable.internal.store.Claim.Taken;
import dev.durable.internal.store.ClaimStore;
import dev.durable.internal.store.Claimed;
import dev.durable.internal.store.ClaimedHistory;
import dev.durable.internal.store.HistoryStore;
import dev.durable.internal.store.KeptHistory;
import dev.durable.internal.store.Ownership;
import dev.durable.internal.store.SqlFailure;
import dev.durable.internal.store.SqlRunner;
import dev.durable.internal.store.TimeOrderedIds;
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
 * Hands what was claimed to the workload, each execution on its own: one that cannot be read is
 * parked, with what could not be read as its reason, and the others run. For one thread.
 */
final class Launcher {

  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

  private static final int MOST_MISSES = 4;
  private static final int MOST_MISSED = 1_000;

  private final Lease membership;
  private final ClaimStore claims;
  private final HistoryStore histories;
  private final Workload workload;
  private final Map<UUID, Integer> misses = new HashMap<>();
  private final Set<UUID> left = new HashSet<>();

  Launcher(Lease membership, ClaimStore claims, HistoryStore histories, Workload workload) {
    this.membership = membership;
    this.claims = claims;
    this.histories = histories;
    this.workload = workload;
  }

  /**
   * Those whose history cannot be read now are left as they are: this worker owns them and does not
   * run them, which is looked after once per lease.
   */
  void launch(SqlRunner runner, UUID worker, Claim claim, Reserved reserved) {
    left.clear();
    Map<UUID, Throwable> unreadable = new HashMap<>();
    Map<UUID, ClaimedHistory> pasts = pasts(runner, claim.taken(), unreadable);
    workload.learn(runner, claim.executions().stream().map(Claimed::moved).toList());
    Adoptions adoptions = new Adoptions(workload);
    for (Taken taken : claim.taken()) {
      UUID id = taken.owner().id();
      if (!left.contains(id) && !unreadable.containsKey(id)) {
        adoptions.consider(taken, pasts.getOrDefault(id, ClaimedHistory.NONE));
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
        ClaimedHistory past = pasts.getOrDefault(taken.owner().id(), ClaimedHistory.NONE);
        damage = launch(worker, taken, adoptions.moved(execution), past, reserved);
      }
      if (damage != null) {
        park(runner, taken.owner(), damage);
      }
    }
  }

  /** What makes it impossible to run it; null if it runs. */
  private @Nullable Throwable launch(
      UUID worker, Taken taken, Claimed execution, ClaimedHistory past, Reserved reserved) {
    Slot slot = reserved.take(taken.queue());
    if (slot == null) {
      throw new IllegalStateException("claimed more than was asked for: " + taken.owner());
    }
    boolean launched = false;
    try {
      slot.load(taken.bytes(), taken.suspect());
      // If the lease is lost meanwhile, whichever worker takes this one over frees these as well.
      workload.run(execution, past, slot, () -> membership.isCurrent(worker));
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
            + ". Mend what is stored, then retry it; nothing has been undone.");
  }

  /** Only what has been claimed before can have a history; most others have no mail either. */
  private Map<UUID, ClaimedHistory> pasts(
      SqlRunner runner, List<Taken> taken, Map<UUID, Throwable> unreadable) {
    List<UUID> known =
        taken.stream().filter(Taken::past).map(Taken::owner).map(Ownership::id).toList();
    if (known.isEmpty()) {
      return new HashMap<>();
    }
    try {
      return histories.pasts(runner, known, kept(taken), unreadable);
    } catch (DurableException failed) {
      requireReadable(runner);
      return oneByOne(runner, known, unreadable);
    }
  }

  /** What undoes is read as the database has it. */
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
   * Asks for a history that nobody has.
   *
   * @throws DurableException if nothing can be read
   */
  private void requireReadable(SqlRunner runner) {
    histories.pasts(runner, List.of(TimeOrderedIds.next()), new HashMap<>());
  }

  /** The database or the driver cannot read one of them, or not all of them together. */
  private Map<UUID, ClaimedHistory> oneByOne(
      SqlRunner runner, List<UUID> executions, Map<UUID, Throwable> unreadable) {
    Map<UUID, ClaimedHistory> pasts = new HashMap<>();
    for (UUID execution : executions) {
      try {
        pasts.putAll(histories.pasts(runner, List.of(execution), unreadable));
        misses.remove(execution);
      } catch (DurableException failed) {
        if (SqlFailure.of(failed) == SqlFailure.VALUE || isHopeless(execution)) {
          misses.remove(execution);
          unreadable.put(execution, failed);
        } else {
          LOG.warn(
              "Execution {}: its history could not be read, and is read again in a lease's time:"
                  + " {}",
              execution,
              failed.getMessage());
          left.add(execution);
        }
      }
    }
    return pasts;
  }

  /** Whether an execution's history could not be read again and again, although others can be. */
  private boolean isHopeless(UUID execution) {
    if (misses.size() > MOST_MISSED) {
      misses.clear();
    }
    return misses.merge(execution, 1, Integer::sum) >= MOST_MISSES;
  }
}
