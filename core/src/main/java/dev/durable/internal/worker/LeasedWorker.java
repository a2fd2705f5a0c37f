package dev.durable.internal.worker;

import dev.durable.DurableException;
import dev.durable.internal.service.Services;
import dev.durable.internal.settings.Settings;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.WorkerStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process at work: holds a lease, claims due executions and hands them to the workload.
 *
 * <p>Where to look next: {@link Lease} for the lease and the token, and where each is checked;
 * {@link Claimer} for when it looks for work; {@link Launcher} from a claim to a run; {@link
 * Takeover} for executions of dead workers; {@link Watchdog} for when it gives its lease up.
 */
public final class LeasedWorker {

  private static final Logger LOG = LoggerFactory.getLogger(LeasedWorker.class);

  private final Settings settings;
  private final Slots slots;
  private final Workload workload;
  private final Lease lease;
  private final ClaimRound claims;
  private final Claimer claimer;
  private final Heartbeat heartbeat;
  private final Takeover takeover;
  private final Watchdog watchdog;
  private final Services services;
  private final @Nullable Hints hints;
  private volatile boolean draining;

  /**
   * Prepares a worker; {@link #start} registers it.
   *
   * @param declared the names of the schedules that its code declares, as of now
   * @param schedules is called when schedules may have changed
   */
  public LeasedWorker(
      Settings settings,
      Database database,
      Schema schema,
      Slots slots,
      Workload workload,
      Supplier<List<String>> declared,
      Runnable schedules,
      Services services) {
    Stores stores = Stores.on(database, schema);
    WorkerStore workers = stores.workers();
    this.services = services;
    this.settings = settings;
    this.slots = slots;
    this.workload = workload;
    this.lease =
        new Lease(
            workers,
            stores.takeovers(),
            settings.workerName,
            slots::queues,
            declared,
            workload,
            settings.lease);
    ClaimStore claimStore = stores.claims();
    this.claims =
        new ClaimRound(
            lease,
            claimStore,
            new Launcher(
                lease, claimStore, new HistoryReader(stores.histories(), workload), workload),
            slots,
            workload,
            new Orphans(stores.orphans(), workload, settings.lease),
            database,
            settings.maxRecoveries,
            settings.pollInterval());
    this.claimer = new Claimer(claims, slots, settings.pollInterval());
    this.takeover =
        new Takeover(
            stores,
            settings.maxRecoveries,
            settings.lease,
            settings.heartbeat,
            this::freed,
            new Readoption(stores.parked(), stores.histories(), database, workload, this::freed),
            new DeadlineSweep(stores.deadlines(), workload));
    Carriers carriers = new Carriers(settings.lease.toNanos() / 2);
    this.watchdog = new Watchdog(lease, services, carriers, settings.heartbeat.toNanos() / 2);
    this.heartbeat =
        new Heartbeat(
            lease,
            workers,
            workload,
            claimer,
            takeover,
            watchdog,
            carriers,
            KeptConnection.patientFor(database, settings.lease),
            settings.heartbeat);
    this.hints =
        settings.notifications
            ? new Hints(database, schema, slots, claimer, workload, schedules)
            : null;
  }

  /** Registers the worker and begins to claim. */
  public void start() {
    lease.join();
    heartbeat.start(services);
    watchdog.start();
    takeover.start(services);
    takeover.begin();
    claimer.start(services);
    if (hints != null) {
      hints.start(services);
    }
  }

  /** The id under which new executions may be owned at once; null if they should be pending. */
  public @Nullable UUID lease() {
    return draining || claims.isPaused() ? null : lease.current();
  }

  /** The id under which this worker works, or has worked last. */
  public UUID id() {
    return lease.last();
  }

  /** Works on these queues too, and on what its workload can run by now. */
  public void learn(Map<String, Integer> concurrency) {
    slots.add(concurrency);
    lease.declare();
    takeover.begin();
    claimer.look();
  }

  /** Writes which schedules this worker declares by now. */
  public void declare() {
    lease.declare();
  }

  /** Claims and owns nothing more until {@link #resume}; what runs goes on. */
  public void pause() {
    claims.pause(true);
    announceNoClaims();
  }

  /** Claims again. */
  public void resume() {
    claims.pause(false);
    try {
      lease.claimsAgain();
    } catch (DurableException failure) {
      LOG.warn(
          "Could not announce that this worker claims again; other workers may claim executions"
              + " that its definitions moved last: {}",
          failure.getMessage());
    }
    claimer.look();
  }

  /** Whether this worker still has the lease of that id, as far as this process knows. */
  public boolean hasLease(UUID id) {
    return lease.isCurrent(id);
  }

  /** Takes a slot for a new execution; null if none is free, or if older ones wait in the queue. */
  public Slots.@Nullable Slot tryTake(String queue) {
    return slots.tryTake(queue);
  }

  /** Makes the claimer look when this time has passed: an execution is due then. */
  public void dueIn(Duration wait) {
    claimer.lookIn(wait);
  }

  /** Makes the claimer look now: an execution may be due. */
  public void look() {
    claimer.look();
  }

  /**
   * Stops claiming, lets bodies finish within the drain time, stops and frees the rest, and leaves.
   */
  public void close() {
    draining = true;
    claimer.stop();
    slots.leave();
    if (hints != null) {
      hints.stop();
    }
    announceNoClaims();
    workload.drain(TimeUnit.NANOSECONDS.convert(settings.drainTime));
    takeover.stop();
    watchdog.stop();
    heartbeat.stop();
    try {
      lease.leave(settings.maxRecoveries, this::freed);
    } catch (Throwable failure) {
      LOG.warn(
          "Could not leave in good order; other workers take over when the lease has run out: {}",
          failure.getMessage(),
          failure instanceof DurableException ? null : failure);
    }
  }

  /** Other workers need not wait until the last body here has ended. Never fails. */
  private void announceNoClaims() {
    try {
      lease.claimsNothing();
    } catch (Throwable failure) {
      LOG.warn(
          "Could not announce that this worker claims nothing more; other workers see it when it"
              + " has left: {}",
          failure.getMessage());
    }
  }

  /** The reasons why this worker cannot work; empty if there are none. */
  public List<String> reasons() {
    return Stream.concat(lease.reasons().stream(), claims.reasons().stream()).toList();
  }

  /** An execution of this queue was freed, and that is committed. */
  private void freed(String queue) {
    if (slots.serves(queue)) {
      claimer.look(queue);
    }
  }

  @Override
  public String toString() {
    return "worker "
        + settings.workerName
        + ": "
        + lease
        + ", "
        + slots
        + (draining ? ", draining" : "");
  }
}
