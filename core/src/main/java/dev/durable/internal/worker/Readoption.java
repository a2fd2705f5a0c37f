package dev.durable.internal.worker;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.worker.Adoption;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryStore;
import dev.durable.internal.store.worker.ParkedExecution;
import dev.durable.internal.store.worker.ParkedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases executions that were parked because no definition fitted, as soon as one registered here
 * does. Each is compared with its history while it stays parked, once in the life of this worker,
 * so none is released in vain. For one thread.
 */
final class Readoption {

  private static final Logger LOG = LoggerFactory.getLogger(Readoption.class);

  private static final int BATCH = 100;
  private static final int MOST = 10_000;

  /** The longest time between the beginning of the transaction that parks and its commit. */
  private static final Duration SLACK = Duration.ofMinutes(1);

  private final ParkedStore store;
  private final HistoryStore histories;
  private final Database database;
  private final Workload workload;
  private final Consumer<String> freed;
  private final LinkedHashSet<UUID> judged = new LinkedHashSet<>();
  private @Nullable Long lookedAt;

  /**
   * @param freed receives each queue in which an execution was released, after the commit
   */
  Readoption(
      ParkedStore store,
      HistoryStore histories,
      Database database,
      Workload workload,
      Consumer<String> freed) {
    this.store = store;
    this.histories = histories;
    this.database = database;
    this.workload = workload;
    this.freed = freed;
  }

  /** Judges executions parked since the last look; the first time, all parked ones. */
  void look() {
    if (workload.definitions().isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    Long before = lookedAt;
    Duration within = before == null ? null : Duration.ofNanos(now - before).plus(SLACK);
    List<ParkedExecution> parked =
        new ArrayList<>(store.list(within, workload.definitions(), MOST));
    parked.removeIf(one -> judged.contains(id(one)));
    for (int from = 0; from < parked.size(); from += BATCH) {
      judge(parked.subList(from, Math.min(parked.size(), from + BATCH)));
    }
    while (judged.size() > 2 * MOST) {
      judged.removeFirst();
    }
    lookedAt = now;
  }

  private static UUID id(ParkedExecution one) {
    return one.moved().owner().id();
  }

  private void judge(List<ParkedExecution> parked) {
    Map<UUID, Throwable> unreadable = new HashMap<>();
    List<UUID> ids = parked.stream().map(Readoption::id).toList();
    Map<UUID, ClaimedHistory> past = histories.pasts(database.byKey(), ids, unreadable);
    workload.learn(database, parked.stream().map(ParkedExecution::moved).toList());
    List<Adoption> fitting = new ArrayList<>();
    for (ParkedExecution one : parked) {
      UUID id = id(one);
      String fingerprint =
          unreadable.containsKey(id)
              ? null
              : fitting(one, past.getOrDefault(id, ClaimedHistory.NONE));
      if (fingerprint != null) {
        fitting.add(new Adoption(one.moved().owner(), fingerprint));
      }
    }
    if (!fitting.isEmpty()) {
      store.release(fitting).forEach(freed);
      LOG.info(
          "Released {} executions that were parked and fit a definition of this worker",
          fitting.size());
    }
    judged.addAll(ids);
  }

  private @Nullable String fitting(ParkedExecution one, ClaimedHistory history) {
    try {
      return one.compensation() == null
          ? workload.fitting(one.moved(), history)
          : workload.undoing(one.moved(), history, one.compensation());
    } catch (RuntimeException damage) {
      LOG.warn("Execution {} stays parked: its history cannot be judged", id(one), damage);
      return null;
    }
  }
}
