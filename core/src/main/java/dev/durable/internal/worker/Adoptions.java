package dev.durable.internal.worker;

import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.worker.Adoption;
import dev.durable.internal.store.worker.Claim.Taken;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Claimed executions that another definition moved last and that fit the one registered here. From
 * now on this one moves them, which is stored before they run.
 */
final class Adoptions {

  private final Workload workload;
  private final Map<UUID, String> wanted = new HashMap<>();
  private final Map<UUID, Throwable> damaged = new HashMap<>();

  Adoptions(Workload workload) {
    this.workload = workload;
  }

  /**
   * Notes whether it fits. A history that cannot be judged must not keep the others from running.
   */
  void consider(Taken taken, ClaimedHistory history) {
    Claimed execution = taken.execution();
    if (execution == null || execution.compensation() != null) {
      return;
    }
    UUID id = taken.owner().id();
    try {
      String fingerprint = workload.fitting(execution.moved(), history);
      if (fingerprint != null && !fingerprint.equals(execution.fingerprint())) {
        wanted.put(id, fingerprint);
      }
    } catch (RuntimeException damage) {
      damaged.put(id, damage);
    }
  }

  /** The executions whose history cannot be judged, with the reason. */
  Map<UUID, Throwable> damaged() {
    return damaged;
  }

  /**
   * Stores the new definition of each.
   *
   * @return those that could not be stored, because another session has locked them
   */
  Set<UUID> store(ClaimStore claims, SqlRunner runner, List<Taken> taken) {
    if (wanted.isEmpty()) {
      return Set.of();
    }
    List<Adoption> adoptions = new ArrayList<>();
    for (Taken one : taken) {
      String fingerprint = wanted.get(one.owner().id());
      if (fingerprint != null) {
        adoptions.add(new Adoption(one.owner(), fingerprint));
      }
    }
    Set<UUID> locked = new HashSet<>(wanted.keySet());
    locked.removeAll(claims.adopt(runner, adoptions));
    return locked;
  }

  /** The execution with the definition that moves it from now on. */
  Claimed moved(Claimed execution) {
    String fingerprint = wanted.get(execution.owner().id());
    return fingerprint == null ? execution : execution.movedBy(fingerprint);
  }
}
