package dev.durable.internal.worker;

import dev.durable.DurableException;
import dev.durable.internal.service.Services;
import dev.durable.internal.settings.Settings;
import dev.durable.internal.store.ClaimStore;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.KeptConnection;
import dev.durable.internal.store.Schema;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.TakeoverStore;
import dev.durable.internal.store.WorkerStore;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process at work: a member with a lease that claims what is due and hands it to the workload.
 */
public final class Worker {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final Settings settings;
  private final Slots slots;
  private final Workload workload;
  private final Lease membership;
  private final Claimer claimer;
  private final Heartbeat heartbeat;
  private final Takeover takeover;
  private final Watchdog watchdog;
  private final Services services;
  private final @Nullable Hints hints;
  private volatile boolean draining;

  /** Prepares a worker; {@link #start} makes it known. */
  public Worker(
      Settings settings,
      Database database,
      Schema schema,
      Slots slots,
      Workload workload,
      Services services) {
    Stores stores = Stores.on(database, schema);
    WorkerStore workers = stores.workers();
    TakeoverStore takeovers = stores.takeovers();
    this.services = services;
    this.settings = settings;
    this.slots = slots;
    this.workload = workload;
    this.membership =
        new Lease(
            workers, takeovers, settings.workerName, slots.queues(), workload, settings.lease);
    ClaimStore claims = stores.claims();
    this.claimer =
        new Claimer(
            membership,
            claims,
            new Launcher(membership, claims, stores.histories(), workload),
            slots,
            workload,
            new Orphans(takeovers, workload, settings.lease),
            database,
            settings.pollInterval(),
            settings.maxRecoveries);
    this.takeover =
        new Takeover(
            takeovers,
            settings.maxRecoveries,
            settings.lease,
            settings.heartbeat,
            this::freed,
            new Readoption(stores.parked(), stores.histories(), database, workload, this::freed),
            new DeadlineSweep(stores.deadlines(), workload));
    Carriers carriers = new Carriers(settings.lease.toNanos() / 2);
    this.watchdog = new Watchdog(membership, services, carriers, settings.heartbeat.toNanos() / 2);
    this.heartbeat =
        new Heartbeat(
            membership,
            workers,
            workload,
            claimer,
            takeover,
            watchdog,
            carriers,
            KeptConnection.patientFor(database, settings.lease),
            settings.heartbeat);
    this.hints =
        settings.notifications ? new Hints(database, schema, slots, claimer, workload) : null;
  }

  /** Registers the worker and begins to claim. */
  public void start() {
    membership.join();
    heartbeat.start(services);
    watchdog.start();
    takeover.start(services);
    takeover.begin();
    claimer.start(services);
    if (hints != null) {
      hints.start(services);
    }
  }

  /**
   * The id under which new executions may be owned at once; null when they should rather be
   * pending.
   */
  public @Nullable UUID owner() {
    return draining ? null : membership.current();
  }

  /** Whether this process may still own executions under an id. */
  public boolean isMember(UUID id) {
    return membership.isCurrent(id);
  }

  /** A slot for a new execution; null if there is none, or if older ones wait in the queue. */
  public Slots.@Nullable Slot tryTake(String queue) {
    return slots.tryTake(queue);
  }

  /** An execution will be due then. */
  public void dueIn(Duration wait) {
    claimer.lookIn(wait);
  }

  /** An execution may be due now. */
  public void look() {
    claimer.look();
  }

  /**
   * Stops claiming, lets bodies finish for the drain time, stops and frees the rest, and leaves.
   */
  public void close() {
    draining = true;
    claimer.stop();
    if (hints != null) {
      hints.stop();
    }
    tellOthers();
    workload.drain(TimeUnit.NANOSECONDS.convert(settings.drainTime));
    takeover.stop();
    watchdog.stop();
    heartbeat.stop();
    try {
      membership.leave(settings.maxRecoveries, this::freed);
    } catch (Throwable failure) {
      LOG.warn(
          "Could not leave in good order; others take over when the lease has run out: {}",
          failure.getMessage(),
          failure instanceof DurableException ? null : failure);
    }
  }

  /** They need not wait until the last body here has ended. */
  private void tellOthers() {
    try {
      membership.claimsNothing();
    } catch (Throwable failure) {
      LOG.warn(
          "Could not tell other workers that this one claims nothing more; they learn it when it"
              + " has left: {}",
          failure.getMessage());
    }
  }

  /** What keeps this worker from its work; empty while all is well. */
  public List<String> reasons() {
    return membership.reasons();
  }

  /** Something in the queue has been freed and committed. */
  private void freed(String queue) {
    if (slots.serves(queue)) {
      claimer.look();
    }
  }
}
