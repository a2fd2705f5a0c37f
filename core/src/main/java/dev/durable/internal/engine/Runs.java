package dev.durable.internal.engine;

import dev.durable.internal.store.journal.Ownership;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The runs on this worker, at most one for each execution. */
public final class Runs {

  private final Map<UUID, Run> runs = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();

  /** The run of an execution, or null. */
  @Nullable Run find(UUID execution) {
    return runs.get(execution);
  }

  /** The run that owns an execution by a token, or null. */
  @Nullable Run find(Ownership owner) {
    Run run = runs.get(owner.id());
    return run != null && run.owner().equals(owner) ? run : null;
  }

  Collection<Run> all() {
    return runs.values();
  }

  /**
   * Adds a run. An older run of the execution has lost it, and stops.
   *
   * @return false if a newer run of the execution is here
   */
  boolean add(Run run) {
    AtomicReference<@Nullable Run> before = new AtomicReference<>();
    runs.compute(
        run.owner().id(),
        (id, here) -> {
          boolean newest = here == null || here.owner().token() < run.owner().token();
          before.set(newest ? here : run);
          return newest ? run : here;
        });
    Run older = before.get();
    if (older != null && older != run) {
      older.abandon("its execution was claimed again");
    }
    return older != run;
  }

  /** Removes a run that has left. */
  void remove(Run run) {
    runs.remove(run.owner().id(), run);
    if (runs.isEmpty()) {
      lock.lock();
      try {
        idle.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Waits until there is no run, or the time is over. */
  void awaitIdle(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (!runs.isEmpty() && left > 0) {
        left = idle.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
