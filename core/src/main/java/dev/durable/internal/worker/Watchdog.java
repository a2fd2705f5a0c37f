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
 * Gives this worker's lease up when it can no longer do its work: it could not renew the lease, its
 * virtual threads are stuck, or one of its own threads is gone or stands still. A thread of its
 * own: the heartbeat may hang in the database just when the lease runs out. The heartbeat looks
 * after the threads as well, should the watchdog be the one that is gone.
 */
final class Watchdog {

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private final Lease membership;
  private final Services services;
  private final Carriers carriers;
  private final long interval;
  private volatile Set<String> told = Set.of();
  private @Nullable ServiceThread thread;

  /**
   * @param interval how many nanoseconds pass between two looks
   */
  Watchdog(Lease membership, Services services, Carriers carriers, long interval) {
    this.membership = membership;
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
    UUID id = membership.current();
    if (!threadsAreWell()) {
      return true;
    }
    if (id == null) {
      carriers.areFree();
    } else if (membership.isStale()) {
      membership.lose(id, "it could not renew its lease for half of its time", true);
    } else if (!carriers.areFree()) {
      LOG.error(
          "No virtual thread has run for {} ms: step bodies hog all carrier threads. Look for"
              + " endless loops and for long computations; give them a thread pool of their own.",
          TimeUnit.NANOSECONDS.toMillis(carriers.patience()));
      membership.lose(id, "its virtual threads are stuck", false);
    }
    return true;
  }

  /** Whether each thread of the engine is there and gets on; if not, the lease is given up. */
  boolean threadsAreWell() {
    List<Trouble> troubles = services.troubles();
    Set<String> names = new HashSet<>();
    for (Trouble trouble : troubles) {
      names.add(trouble.thread());
      if (!told.contains(trouble.thread())) {
        LOG.error(
            "{}: this worker gives its lease up, and works again when the thread does{}",
            trouble,
            trouble.stack());
      }
    }
    told = names;
    UUID id = membership.current();
    if (!troubles.isEmpty() && id != null) {
      membership.lose(
          id, troubles.stream().map(Trouble::toString).collect(Collectors.joining("; ")), true);
    }
    return troubles.isEmpty();
  }
}
