package dev.durable.internal.node;

import dev.durable.internal.store.Identified;
import dev.durable.internal.store.KeptConnection;
import dev.durable.internal.store.NodeStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the lease, takes dead nodes over, and notices when this process itself cannot go on. On
 * platform threads, so that bodies which hog every carrier of the virtual threads cannot stop it.
 */
final class Heartbeat {

  static final int TAKEOVER_BATCH = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  private final Membership membership;
  private final NodeStore store;
  private final Workload workload;
  private final Claimer claimer;
  private final KeptConnection connection;
  private final int maxRecoveries;
  private final long interval;
  private final long patience;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile long carriersSeenAt = System.nanoTime();
  private volatile boolean probing;
  private final AtomicBoolean takingOver = new AtomicBoolean();
  private String name = "";
  private @Nullable Thread beating;

  Heartbeat(
      Membership membership,
      NodeStore store,
      Workload workload,
      Claimer claimer,
      KeptConnection connection,
      int maxRecoveries,
      Duration interval,
      Duration lease) {
    this.membership = membership;
    this.store = store;
    this.workload = workload;
    this.claimer = claimer;
    this.connection = connection;
    this.maxRecoveries = maxRecoveries;
    this.interval = interval.toNanos();
    this.patience = lease.toNanos() / 2;
  }

  void start(String nodeName) {
    name = nodeName;
    beating =
        Thread.ofPlatform().name(nodeName + "-heartbeat").daemon().start(this::beatUntilStopped);
    Thread.ofPlatform().name(nodeName + "-watchdog").daemon().start(this::watchUntilStopped);
  }

  void stop() {
    stop.countDown();
    try {
      if (beating != null) {
        beating.join(TimeUnit.SECONDS.toMillis(10));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void beatUntilStopped() {
    while (!stopsWithin(interval)) {
      try {
        beat();
      } catch (RuntimeException failure) {
        LOG.warn("Heartbeat failed; trying again: {}", failure.getMessage());
      }
    }
    connection.close();
  }

  private void beat() {
    UUID id = membership.current();
    if (id == null) {
      if (carriersAreFree()) {
        membership.join();
        claimer.look();
      }
      return;
    }
    if (membership.beat(id, connection) && takingOver.compareAndSet(false, true)) {
      Thread.ofPlatform().name(name + "-takeover").daemon().start(this::takeOver);
    }
    List<Identified> running = workload.longRunning();
    if (!running.isEmpty()) {
      Set<UUID> lost = store.fenced(running, connection);
      running.stream()
          .filter(owner -> lost.contains(owner.id()))
          .forEach(owner -> workload.abandon(owner, "it was cancelled or taken over"));
    }
  }

  /** Its own thread: a lock that somebody holds on an execution must not cost us our lease. */
  private void takeOver() {
    try {
      takeOverAll();
    } catch (RuntimeException failure) {
      LOG.warn("Could not take executions over; trying again: {}", failure.getMessage());
    } finally {
      takingOver.set(false);
    }
  }

  private void takeOverAll() {
    int all = 0;
    for (UUID dead : store.deadNodes()) {
      int freed;
      do {
        freed = store.release(dead, maxRecoveries, TAKEOVER_BATCH);
        all += freed;
      } while (freed == TAKEOVER_BATCH);
    }
    if (all > 0) {
      LOG.warn("Took {} executions over from nodes that have gone", all);
      claimer.look();
    }
  }

  /** Its own thread: the heartbeat may hang in the database just when the lease runs out. */
  private void watchUntilStopped() {
    while (!stopsWithin(interval / 2)) {
      UUID id = membership.current();
      if (id == null) {
        carriersAreFree();
      } else if (membership.isStale()) {
        membership.lose(id, "it could not renew its lease for half of its time", true);
      } else if (!carriersAreFree()) {
        LOG.error(
            "No virtual thread has run for {} ms: step bodies hog all carrier threads. Look for"
                + " endless loops and for long computations; give them a thread pool of their own.",
            TimeUnit.NANOSECONDS.toMillis(patience));
        membership.lose(id, "its virtual threads are stuck", false);
      }
    }
  }

  /** Sends a virtual thread out and looks whether the last one came back. */
  private boolean carriersAreFree() {
    if (!probing) {
      probing = true;
      carriersSeenAt = System.nanoTime();
      Thread.startVirtualThread(() -> probing = false);
    }
    return System.nanoTime() - carriersSeenAt < patience;
  }

  private boolean stopsWithin(long nanos) {
    try {
      return stop.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      return true;
    }
  }
}
