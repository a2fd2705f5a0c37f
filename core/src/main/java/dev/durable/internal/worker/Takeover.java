package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.worker.DeadWorkerStore;
import dev.durable.internal.store.worker.TakeoverStore;
import dev.durable.internal.store.worker.TakeoverStore.Released;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees the executions of dead workers, and ends those past their deadline. Runs on its own thread:
 * waiting for the database here must not cost this worker its lease.
 */
final class Takeover {

  static final int BATCH = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

  private final DeadWorkerStore workers;
  private final TakeoverStore store;
  private final int maxRecoveries;
  private final long interval;
  private final long pause;
  private final Consumer<String> freed;
  private final Readoption readoption;
  private final DeadlineSweep deadlines;
  private final Semaphore wanted = new Semaphore(0);
  private volatile boolean begun;
  private long searchedAt;
  private @Nullable ServiceThread thread;

  /**
   * @param interval the time between searches for executions of workers without a row
   * @param pause the time between searches for executions past their deadline
   * @param freed receives each queue in which an execution was freed, after the commit
   */
  Takeover(
      Stores stores,
      int maxRecoveries,
      Duration interval,
      Duration pause,
      Consumer<String> freed,
      Readoption readoption,
      DeadlineSweep deadlines) {
    this.workers = stores.deadWorkers();
    this.store = stores.takeovers();
    this.maxRecoveries = maxRecoveries;
    this.interval = interval.toNanos();
    this.pause = pause.toNanos();
    this.freed = freed;
    this.readoption = readoption;
    this.deadlines = deadlines;
    this.searchedAt = System.nanoTime() - this.interval;
  }

  void start(Services services) {
    thread = services.start("takeover", this::round);
  }

  void stop() {
    ServiceThread started = thread;
    if (started != null) {
      started.stop();
      wanted.release();
    }
  }

  /** Takes over now: a worker has been declared dead. */
  void begin() {
    begun = true;
    if (wanted.availablePermits() == 0) {
      wanted.release();
    }
  }

  private boolean round(ServiceThread self) throws InterruptedException {
    self.rest();
    wanted.tryAcquire(pause, TimeUnit.NANOSECONDS);
    self.beat();
    if (self.isStopped()) {
      return false;
    }
    boolean found = begun;
    begun = false;
    boolean searches = System.nanoTime() - searchedAt >= interval;
    if (searches) {
      found |= workers.buryUnknownOwners() > 0;
      searchedAt = System.nanoTime();
    }
    if (found) {
      takeOverAll(self);
    }
    if (searches) {
      self.beat();
      readoption.look();
    }
    endLate(self);
    return true;
  }

  private void endLate(ServiceThread self) {
    do {
      self.beat();
    } while (deadlines.endSome() && !self.isStopped());
  }

  private void takeOverAll(ServiceThread self) {
    int all = 0;
    for (UUID dead : workers.list()) {
      all += takeOver(self, dead);
    }
    if (all > 0) {
      LOG.warn("Took {} executions over from dead workers", all);
    }
  }

  private int takeOver(ServiceThread self, UUID dead) {
    int all = 0;
    Released released;
    do {
      self.beat();
      released = store.release(dead, maxRecoveries, BATCH);
      all += released.executions();
      released.queues().forEach(freed);
    } while (released.executions() == BATCH);
    return all;
  }
}
