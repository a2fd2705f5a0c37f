package dev.durable.internal.worker;

import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.Claim.Taken;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.worker.HistoryReader.Histories;
import dev.durable.internal.worker.Slots.Reserved;
import dev.durable.internal.worker.Slots.Slot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands claimed executions to the workload one by one. An execution that cannot be read is parked
 * with the reason, and the others run.
 */
final class Launcher {

  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

  private final Lease lease;
  private final ClaimStore claims;
  private final HistoryReader reader;
  private final Workload workload;

  Launcher(Lease lease, ClaimStore claims, HistoryReader reader, Workload workload) {
    this.lease = lease;
    this.claims = claims;
    this.reader = reader;
    this.workload = workload;
  }

  /**
   * Executions whose history cannot be read now are left: this worker owns them and does not run
   * them, and {@link Orphans} frees them once per lease.
   */
  void launch(SqlRunner runner, UUID worker, Claim claim, Reserved reserved) {
    Histories histories = reader.read(runner, claim.taken());
    Map<UUID, Throwable> unreadable = new HashMap<>(histories.unreadable());
    Set<UUID> left = new HashSet<>(histories.left());
    workload.learn(runner, claim.executions().stream().map(Claimed::moved).toList());
    Adoptions adoptions = new Adoptions(workload);
    for (Taken taken : claim.taken()) {
      UUID id = taken.owner().id();
      if (!left.contains(id) && !unreadable.containsKey(id)) {
        adoptions.consider(taken, histories.of(id));
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
        ClaimedHistory history = histories.of(taken.owner().id());
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
}
