package dev.durable.internal.client;

import dev.durable.DurableException;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.internal.store.client.ExecutionStore.End;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The waiters for the ends of executions, by execution. */
final class EndWaiters {

  private final Map<UUID, Set<Waiter>> waiting = new ConcurrentHashMap<>();

  /** One waiter: only a query that began after it came may answer it. */
  static final class Waiter extends CompletableFuture<End> {

    private final long since;
    private volatile boolean known;

    /**
     * @param since the number of the last query that began before
     * @param known whether its execution is known to exist
     */
    Waiter(long since, boolean known) {
      this.since = since;
      this.known = known;
    }
  }

  void add(UUID id, Waiter waiter) {
    waiting.compute(
        id,
        (key, list) -> {
          Set<Waiter> waiters = list == null ? ConcurrentHashMap.newKeySet() : list;
          waiters.add(waiter);
          return waiters;
        });
  }

  @SuppressWarnings("UndefinedEquals") // Identity is what is meant.
  void remove(UUID id, Waiter waiter) {
    waiting.computeIfPresent(
        id,
        (key, list) -> {
          list.remove(waiter);
          return list.isEmpty() ? null : list;
        });
  }

  boolean has(UUID id) {
    return waiting.containsKey(id);
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** The number of executions that are waited for. */
  int executions() {
    return waiting.size();
  }

  /** Completes all waiters of an execution that stays ended. */
  void complete(UUID id, End end) {
    Set<Waiter> waiters = waiting.remove(id);
    if (waiters != null) {
      waiters.forEach(waiter -> waiter.complete(end));
    }
  }

  /** Completes those who came before that query. */
  void complete(UUID id, End end, long query) {
    before(query, id).forEach(waiter -> waiter.complete(end));
  }

  /** Whether one who came before that query does not know that the execution exists. */
  boolean isUnknown(UUID id, long query) {
    return before(query, id).stream().anyMatch(waiter -> !waiter.known);
  }

  /**
   * Notes whether the execution exists, for those who came before that query.
   *
   * @param missing null if it exists; otherwise those who do not know it fail
   */
  void found(UUID id, long query, @Nullable ExecutionNotFoundException missing) {
    for (Waiter waiter : before(query, id)) {
      if (missing != null && !waiter.known) {
        waiter.completeExceptionally(missing);
      }
      waiter.known = true;
    }
  }

  private List<Waiter> before(long query, UUID id) {
    return waiting.getOrDefault(id, Set.of()).stream()
        .filter(waiter -> waiter.since < query)
        .toList();
  }

  /** Fails all waiters: the instance is closed. */
  void failAll() {
    List<Waiter> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    waiting.clear();
    all.forEach(
        waiter ->
            waiter.completeExceptionally(
                new DurableException(
                    "This Durable instance was closed; the execution continues on another worker.")));
  }
}
