package dev.durable.internal.client;

import dev.durable.internal.engine.Engine;
import dev.durable.internal.schedule.Scheduler;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.worker.LeasedWorker;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one instance: at most one that claims, and those before it that have not ended
 * yet. A client has none.
 */
public final class LocalWorkers {

  private final Set<LocalWorker> open = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable LocalWorker> current = new AtomicReference<>();

  /** The worker that claims; null if there is none. */
  public @Nullable LocalWorker current() {
    return current.get();
  }

  /** A worker of this instance, which is not started yet. */
  public LocalWorker of(String name, Engine engine, LeasedWorker worker, Scheduler scheduler) {
    return new LocalWorker(name, engine, worker, scheduler, this::closing, this::closed);
  }

  /** A worker is about to start; bodies that it runs already find it. */
  void add(LocalWorker worker) {
    open.add(worker);
    current.set(worker);
  }

  /** A worker begins to close: it is the current one no more. */
  private void closing(LocalWorker worker) {
    current.compareAndSet(worker, null);
  }

  /** A worker has ended. */
  private void closed(LocalWorker worker) {
    open.remove(worker);
  }

  /** Lets them all begin no further body. */
  public void beginToClose() {
    open.forEach(LocalWorker::beginToClose);
  }

  /** Closes them all, at the same time. */
  public void close() {
    beginToClose();
    open.forEach(LocalWorker::close);
  }

  /** Whether this thread runs a body of one of them. */
  public boolean areRunning(Thread thread) {
    return open.stream().anyMatch(worker -> worker.isBody(thread));
  }

  /** The reasons why the current one cannot work; empty if there are none. */
  public List<String> reasons() {
    LocalWorker claiming = current();
    return claiming == null ? List.of() : claiming.reasons();
  }

  /** Lets the current one look for due work now. */
  public void look() {
    LocalWorker claiming = current();
    if (claiming != null) {
      claiming.look();
    }
  }

  /** Lets the current one look for due work when this time has passed. */
  void dueIn(Duration wait) {
    LocalWorker claiming = current();
    if (claiming != null) {
      claiming.dueIn(wait);
    }
  }

  /** An event or an answer was sent to an execution that may run here. */
  public void signalled(UUID execution) {
    open.forEach(worker -> worker.signalled(execution));
  }

  /** Stops a run that has lost its execution. */
  void abandon(Ownership lost, String reason) {
    open.forEach(worker -> worker.abandon(lost, reason));
  }
}
