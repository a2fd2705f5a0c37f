package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.TakeoverStore;
import dev.durable.internal.store.TakeoverStore.Released;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees what workers owned that have gone, and ends what is too late. A thread of its own: waiting
 * for the database here must not cost this worker its lease.
 */
final class Takeover {

  static final int BATCH = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

  private final TakeoverStore store;
  private final int maxRecoveries;
  private final long interval;
  private final long pause;
  private final Consumer<String> freed;
  private final Readoption readoption;
  private final DeadlineSweep deadlines;
  private final Semaphore wanted = new Semaphore(0);
  private volatile boolean dead;
  private long searchedAt;
  private @Nullable ServiceThread thread;

  /**
   * @param lease how often to look for what is owned by a worker that has no row
   * @param pause how often to look for what is too late
   * @param freed told of each queue in which something has been freed, after the commit
   */
  Takeover(
      TakeoverStore store,
      int maxRecoveries,
      Duration lease,
      Duration pause,
      Consumer<String> freed,
      Readoption readoption,
      DeadlineSweep deadlines) {
    this.store = store;
    this.maxRecoveries = maxRecoveries;
    this.interval = lease.toNanos();
    this.pause = pause.toNanos();
    this.freed = freed;
    this.readoption = readoption;
    this.deadlines = deadlines;
    this.searchedAt = System.nanoTime() - interval;
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

  /** Executions of dead workers wait to be taken over. */
  void begin() {
    dead = true;
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
    boolean found = dead;
    dead = false;
    boolean searches = System.nanoTime() - searchedAt >= interval;
    if (searches) {
      found |= store.buryUnknownOwners() > 0;
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
    for (UUID dead : store.deadWorkers()) {
      all += takeOver(self, dead);
    }
    if (all > 0) {
      LOG.warn("Took {} executions over from workers that have gone", all);
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
