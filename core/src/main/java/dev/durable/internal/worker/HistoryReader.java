package dev.durable.internal.worker;

import dev.durable.DurableException;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Claim.Taken;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryStore;
import dev.durable.internal.store.worker.KeptHistory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the histories of claimed executions, all at once. If that fails, it reads them one by one:
 * a history that the database cannot give is told from one that it cannot give now. For one thread.
 */
final class HistoryReader {

  private static final Logger LOG = LoggerFactory.getLogger(HistoryReader.class);

  private static final int MOST_MISSES = 4;
  private static final int MOST_MISSED = 1_000;

  private final HistoryStore store;
  private final Workload workload;
  private final Map<UUID, Integer> misses = new HashMap<>();

  HistoryReader(HistoryStore store, Workload workload) {
    this.store = store;
    this.workload = workload;
  }

  /**
   * The histories of one claim.
   *
   * @param all those that were read; an execution without one has none
   * @param unreadable the failures of those that can never be read
   * @param left executions whose history cannot be read now
   */
  record Histories(Map<UUID, ClaimedHistory> all, Map<UUID, Throwable> unreadable, Set<UUID> left) {

    ClaimedHistory of(UUID execution) {
      return all.getOrDefault(execution, ClaimedHistory.NONE);
    }
  }

  /** Only executions claimed before can have a history; most others have no signals either. */
  Histories read(SqlRunner runner, List<Taken> taken) {
    Histories histories = new Histories(new HashMap<>(), new HashMap<>(), new HashSet<>());
    List<UUID> known =
        taken.stream().filter(Taken::past).map(Taken::owner).map(Ownership::id).toList();
    if (!known.isEmpty()) {
      read(runner, known, kept(taken), histories);
    }
    return histories;
  }

  private void read(
      SqlRunner runner, List<UUID> known, Map<UUID, KeptHistory> kept, Histories histories) {
    try {
      histories.all().putAll(store.pasts(runner, known, kept, histories.unreadable()));
    } catch (DurableException failed) {
      requireReadable(runner);
      oneByOne(runner, known, histories);
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
  private void oneByOne(SqlRunner runner, List<UUID> executions, Histories histories) {
    for (UUID execution : executions) {
      try {
        histories.all().putAll(store.pasts(runner, List.of(execution), histories.unreadable()));
        misses.remove(execution);
      } catch (DurableException failed) {
        if (SqlFailure.of(failed) == SqlFailure.VALUE || isHopeless(execution)) {
          misses.remove(execution);
          histories.unreadable().put(execution, failed);
        } else {
          LOG.warn(
              "Execution {}: its history could not be read, and is read again after a lease:"
                  + " {}",
              execution,
              failed.getMessage());
          histories.left().add(execution);
        }
      }
    }
  }

  /** Whether an execution's history was unreadable several times in a row, while others are not. */
  private boolean isHopeless(UUID execution) {
    if (misses.size() > MOST_MISSED) {
      misses.clear();
    }
    return misses.merge(execution, 1, Integer::sum) >= MOST_MISSES;
  }
}
