package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.WorkerStore;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Renews the lease, and joins again after it was lost. Runs on a platform thread, so bodies that
 * hog every carrier of the virtual threads cannot stop it.
 */
final class Heartbeat {

  private static final Duration LAST_BEAT = Duration.ofSeconds(10);

  private final Lease lease;
  private final WorkerStore store;
  private final Workload workload;
  private final Claimer claimer;
  private final Takeover takeover;
  private final Watchdog watchdog;
  private final Carriers carriers;
  private final KeptConnection connection;
  private final long interval;
  private @Nullable ServiceThread thread;

  Heartbeat(
      Lease lease,
      WorkerStore store,
      Workload workload,
      Claimer claimer,
      Takeover takeover,
      Watchdog watchdog,
      Carriers carriers,
      KeptConnection connection,
      Duration interval) {
    this.lease = lease;
    this.store = store;
    this.workload = workload;
    this.claimer = claimer;
    this.takeover = takeover;
    this.watchdog = watchdog;
    this.carriers = carriers;
    this.connection = connection;
    this.interval = interval.toNanos();
  }

  void start(Services services) {
    thread = services.start("heartbeat", this::round, connection::close);
  }

  void stop() {
    ServiceThread started = thread;
    if (started != null) {
      started.stop();
      started.join(LAST_BEAT);
    }
  }

  private boolean round(ServiceThread self) {
    if (!self.pause(interval)) {
      return false;
    }
    try {
      beat();
      return true;
    } catch (Throwable failure) {
      lease.missed(failure);
      throw failure;
    }
  }

  private void beat() {
    boolean well = watchdog.threadsAreWell();
    UUID id = lease.current();
    if (id == null) {
      lease.retireLast();
      if (well && carriers.areFree()) {
        lease.join();
        claimer.look();
      }
      return;
    }
    if (lease.beat(id, connection)) {
      takeover.begin();
    }
    abandonFenced();
  }

  private void abandonFenced() {
    List<Ownership> running = workload.longRunning();
    if (!running.isEmpty()) {
      store
          .fenced(running, connection)
          .forEach(lost -> workload.abandon(lost, "it was cancelled or taken over"));
    }
  }
}
