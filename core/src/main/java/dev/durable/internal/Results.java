package dev.durable.internal;

import dev.durable.DurableException;
import dev.durable.internal.store.ExecutionStore;
import dev.durable.internal.store.ExecutionStore.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who wait for executions to end. Ends on this node are announced; all others are asked for
 * with one query for all waiters, often at first and then ever more seldom. Nobody waits: no
 * thread, no query.
 */
final class Results implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Results.class);
  private static final long FIRST_PAUSE = Duration.ofMillis(5).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofMillis(250).toNanos();

  private final ExecutionStore store;
  private final String name;
  private final Map<UUID, Set<CompletableFuture<End>>> waiting = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean running;
  private boolean fresh;
  private volatile boolean closed;

  Results(ExecutionStore store, String name) {
    this.store = store;
    this.name = name;
  }

  /** The end of an execution, wherever it runs. */
  CompletableFuture<End> of(UUID id) {
    CompletableFuture<End> future = new CompletableFuture<>();
    waiting.compute(
        id,
        (key, list) -> {
          Set<CompletableFuture<End>> futures = list == null ? ConcurrentHashMap.newKeySet() : list;
          futures.add(future);
          return futures;
        });
    future.whenComplete((end, failure) -> forget(id, future));
    ask();
    return future;
  }

  /** An execution has ended on this node. */
  void announce(UUID id, End end) {
    Set<CompletableFuture<End>> futures = waiting.remove(id);
    if (futures != null) {
      futures.forEach(future -> future.complete(end));
    }
  }

  @SuppressWarnings("UndefinedEquals") // Identity is what is meant.
  private void forget(UUID id, CompletableFuture<End> future) {
    waiting.computeIfPresent(
        id,
        (key, list) -> {
          list.remove(future);
          return list.isEmpty() ? null : list;
        });
  }

  private void ask() {
    lock.lock();
    try {
      fresh = true;
      changed.signal();
      if (closed) {
        failAll();
      } else if (!running) {
        running = true;
        Thread.ofPlatform().name(name + "-results").daemon().start(this::askWhileWanted);
      }
    } finally {
      lock.unlock();
    }
  }

  private void askWhileWanted() {
    long pause = 0;
    while (pauseUnlessFresh(pause)) {
      pause = askOnce() ? FIRST_PAUSE : Math.min(Math.max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE);
    }
  }

  /**
   * True if there is somebody to ask for. Ends the thread otherwise. Who comes alone is asked for
   * at once; while others wait, new ones come all the time, and share the next question.
   */
  private boolean pauseUnlessFresh(long nanos) {
    long least = waiting.isEmpty() ? 0 : Math.min(nanos, FIRST_PAUSE);
    long begin = System.nanoTime();
    lock.lock();
    try {
      while (!closed) {
        long left = (fresh ? least : nanos) - (System.nanoTime() - begin);
        if (left <= 0) {
          break;
        }
        changed.awaitNanos(left);
      }
      fresh = false;
      running = !waiting.isEmpty() && !closed;
      return running;
    } catch (InterruptedException interrupted) {
      running = false;
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean askOnce() {
    try {
      Map<UUID, End> ends = store.ended(List.copyOf(waiting.keySet()));
      ends.forEach(this::announce);
      return !ends.isEmpty();
    } catch (DurableException unreachable) {
      LOG.warn("Could not ask for results; trying again: {}", unreachable.getMessage());
      return false;
    }
  }

  private void failAll() {
    List<CompletableFuture<End>> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    waiting.clear();
    all.forEach(
        future ->
            future.completeExceptionally(
                new DurableException(
                    "This Durable instance was closed; the execution goes on elsewhere.")));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      failAll();
    } finally {
      lock.unlock();
    }
  }
}
