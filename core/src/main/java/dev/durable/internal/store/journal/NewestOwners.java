package dev.durable.internal.store.journal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The owners whose entries are written. Of entries for one execution under several tokens only
 * those under the newest are: the database has given that token to this worker, so the others are
 * stale, and an answer that names an execution means one owner.
 *
 * @param byExecution the newest owner of each execution
 */
record NewestOwners(Map<UUID, Ownership> byExecution) {

  static NewestOwners of(List<Entry> entries) {
    Map<UUID, Ownership> newest = new HashMap<>();
    for (Entry entry : entries) {
      newest.merge(entry.owner().id(), entry.owner(), NewestOwners::newer);
    }
    return new NewestOwners(newest);
  }

  private static Ownership newer(Ownership one, Ownership other) {
    return one.token() >= other.token() ? one : other;
  }

  boolean contains(Ownership owner) {
    Ownership known = byExecution.get(owner.id());
    return known != null && known.token() == owner.token();
  }

  /** The owners in the order of the database's ids, in which all sessions lock their executions. */
  List<Ownership> inLockOrder() {
    List<Ownership> owners = new ArrayList<>(byExecution.values());
    owners.sort((a, b) -> compareAsDatabase(a.id(), b.id()));
    return owners;
  }

  /** PostgreSQL orders UUIDs as unsigned bytes; Java's compareTo treats the halves as signed. */
  private static int compareAsDatabase(UUID a, UUID b) {
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
  }
}
