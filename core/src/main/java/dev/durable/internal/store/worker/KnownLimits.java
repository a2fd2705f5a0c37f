package dev.durable.internal.store.worker;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * The limits that a worker knows.
 *
 * @param id the worker
 * @param epoch the worker's epoch when they were read: as long as it is that, the limits of no
 *     other queue have been enforced
 * @param queues the limited queues; some may no longer be
 */
public record KnownLimits(UUID id, long epoch, Set<String> queues) {

  /** The same without queues that are no longer limited. */
  public KnownLimits without(Set<String> unlimited) {
    Set<String> rest = new HashSet<>(queues);
    rest.removeAll(unlimited);
    return new KnownLimits(id, epoch, Set.copyOf(rest));
  }
}
