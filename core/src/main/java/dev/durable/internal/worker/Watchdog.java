package dev.durable.internal.worker;

import dev.durable.internal.service.Pulse.Trouble;
import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives this worker's lease up when it can no longer work: it could not renew the lease, its
 * virtual threads are stuck, or one of its own threads has ended or stands still. Runs on its own
 * thread, because the heartbeat may hang in the database just when the lease runs out. The
 * heartbeat checks the threads as well, in case the watchdog's has ended.
 */
final class Watchdog {

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private final Lease lease;
  private final Services services;
  private final Carriers carriers;
  private final long interval;
  private volatile Set<String> reported = Set.of();
  private @Nullable ServiceThread thread;

  /**
   * @param interval the nanoseconds between two checks
   */
  Watchdog(Lease lease, Services services, Carriers carriers, long interval) {
    this.lease = lease;
    this.services = services;
    this.carriers = carriers;
    this.interval = interval;
  }

  void start() {
    thread = services.start("watchdog", this::round);
  }

  void stop() {
    ServiceThread started = thread;
    if (started != null) {
      started.stop();
    }
  }

  private boolean round(ServiceThread self) {
    if (!self.pause(interval)) {
      return false;
    }
    UUID id = lease.current();
    if (!threadsAreWell()) {
      return true;
    }
    if (id == null) {
      carriers.areFree();
    } else if (lease.isStale()) {
      lease.lose(id, "it could not renew its lease for half of its time", false);
    } else if (!carriers.areFree()) {
      LOG.error(
          "No virtual thread has run for {} ms: step bodies hog all carrier threads. Look for"
              + " endless loops and for long computations; give them a thread pool of their own.",
          TimeUnit.NANOSECONDS.toMillis(carriers.patience()));
      lease.lose(id, "its virtual threads are stuck", true);
    }
    return true;
  }

  /** Checks that each thread of the engine lives and makes progress; if not, gives the lease up. */
  boolean threadsAreWell() {
    List<Trouble> troubles = services.troubles();
    Set<String> names = new HashSet<>();
    for (Trouble trouble : troubles) {
      names.add(trouble.thread());
      if (!reported.contains(trouble.thread())) {
        LOG.error(
            "{}: this worker gives its lease up, and works again when the thread does{}",
            trouble,
            trouble.stack());
      }
    }
    reported = names;
    UUID id = lease.current();
    if (!troubles.isEmpty() && id != null) {
      lease.lose(
          id, troubles.stream().map(Trouble::toString).collect(Collectors.joining("; ")), false);
    }
    return troubles.isEmpty();
  }
}
