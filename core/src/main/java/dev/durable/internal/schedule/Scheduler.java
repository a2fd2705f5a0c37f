package dev.durable.internal.schedule;

import dev.durable.DatabaseUnavailableException;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.DueSchedule;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.internal.store.schedule.UndeclaredStore;
import dev.durable.internal.worker.NextLook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Starts what schedules say, on each worker. It knows when the next tick is due, and looks again
 * when a hint says that something has changed, when an execution of a schedule has ended here, and
 * once a minute.
 *
 * <p>Where to look next: {@link TickStore} for the transaction that makes each tick one execution,
 * {@link TickPlan} for which ticks start one, {@link TickPlanner} and {@link BackfillPlanner} for
 * what they start, {@link TickInputs} for inputs that code makes.
 */
public final class Scheduler {

  /** The most schedules in one transaction. */
  private static final int BATCH = 500;

  private static final Duration LONGEST_REST = Duration.ofMinutes(1);
  private static final Duration BACKFILL_REST = Duration.ofSeconds(1);
  private static final Duration LAST_LOOK = Duration.ofSeconds(10);
  private static final Duration SLOW_INPUT = Duration.ofSeconds(30);

  private final TickStore ticks;
  private final BackfillStore backfills;
  private final UndeclaredStore undeclared;
  private final DeclaredSchedules declared;
  private final Services services;
  private final TickInputs inputs;
  private final TickPlanner planner;
  private final BackfillPlanner backfillPlanner;
  private final NextLook next = new NextLook();
  private final Set<String> ended = ConcurrentHashMap.newKeySet();
  private final Set<String> leftOut = new HashSet<>();
  private long cleanedAt = System.nanoTime();
  private int batch = BATCH;
  private Duration rest = Duration.ZERO;
  private @Nullable ServiceThread thread;

  /**
   * @param declared the schedules of this worker's code
   */
  public Scheduler(
      TickStore ticks,
      BackfillStore backfills,
      UndeclaredStore undeclared,
      DeclaredSchedules declared,
      Definitions definitions,
      Payloads payloads,
      Services services) {
    this.ticks = ticks;
    this.backfills = backfills;
    this.undeclared = undeclared;
    this.declared = declared;
    this.services = services;
    this.inputs = new TickInputs(declared, payloads, SLOW_INPUT, next::now);
    this.planner = new TickPlanner(definitions, inputs);
    this.backfillPlanner = new BackfillPlanner(planner);
  }

  /** Begins to serve ticks. */
  public void start() {
    thread = services.start("scheduler", this::round);
  }

  /** Ends the thread; after this nothing more is started. */
  public void stop() {
    ServiceThread started = thread;
    if (started != null) {
      started.stop();
      next.now();
      started.join(LAST_LOOK);
    }
  }

  /** Looks now: schedules have changed. */
  public void look() {
    next.now();
  }

  /** An execution of this schedule has ended: a tick may wait for that. */
  public void ended(String schedule) {
    ended.add(schedule);
    next.now();
  }

  /** Waits first: work that has failed counts as failing until a round of it has succeeded. */
  private boolean round(ServiceThread self) {
    self.rest();
    next.await(self, rest.toNanos());
    self.beat();
    rest = Duration.ZERO;
    if (self.isStopped()) {
      return false;
    }
    serveAll(self);
    clean();
    TickStore.Next later = ticks.next(scope(List.of()));
    if (later.backfills()) {
      serveBackfills(self);
    }
    inputs.untilTold().values().forEach(next::in);
    if (later.due() != null && later.due().compareTo(LONGEST_REST) < 0) {
      next.in(later.due());
    }
    rest = later.backfills() ? BACKFILL_REST : LONGEST_REST;
    return true;
  }

  private TickStore.Scope scope(List<String> ends) {
    Set<String> out = new HashSet<>(leftOut);
    out.addAll(inputs.busy());
    return new TickStore.Scope(declared.withInputOfTick(), ends, out);
  }

  private void serveAll(ServiceThread self) {
    List<String> ends = new ArrayList<>(ended);
    ends.removeAll(inputs.making());
    ended.removeAll(ends);
    int served;
    do {
      self.beat();
      served = serve(ends);
      ended.addAll(planner.waiting());
      ends = List.of();
    } while (served >= batch && !self.isStopped());
    batch = BATCH;
  }

  /**
   * Serves a batch. If the database refuses it, the schedules are served one by one until one alone
   * is refused: the refusal is noted with that one, or it is left out for a while.
   */
  private int serve(List<String> ends) {
    planner.begin();
    try {
      int served = ticks.serve(scope(ends), batch, planner);
      planner.committed();
      return served;
    } catch (DatabaseUnavailableException unavailable) {
      throw unavailable;
    } catch (RuntimeException refusal) {
      DueSchedule last = planner.last();
      if (last == null) {
        throw refusal;
      }
      if (batch == 1 && !planner.refuse(last.name(), refusal)) {
        leftOut.add(last.name());
      }
      batch = 1;
      return 1;
    }
  }

  private void serveBackfills(ServiceThread self) {
    List<UUID> looked = new ArrayList<>();
    Optional<UUID> one;
    do {
      self.beat();
      one = serveBackfill(looked);
      one.ifPresent(looked::add);
    } while (one.isPresent() && !self.isStopped());
  }

  private Optional<UUID> serveBackfill(List<UUID> looked) {
    backfillPlanner.begin();
    try {
      Optional<UUID> served = backfills.serve(looked, declared.withInputOfTick(), backfillPlanner);
      planner.committed();
      return served;
    } catch (DatabaseUnavailableException unavailable) {
      throw unavailable;
    } catch (RuntimeException refusal) {
      UUID last = backfillPlanner.last();
      if (last == null) {
        throw refusal;
      }
      backfillPlanner.refuse(last, refusal);
      return Optional.of(last);
    }
  }

  /**
   * Once a minute: lets what has failed try again, and removes what no worker declares any more.
   */
  private void clean() {
    long now = System.nanoTime();
    if (now - cleanedAt >= LONGEST_REST.toNanos()) {
      cleanedAt = now;
      leftOut.clear();
      undeclared.remove();
    }
  }
}
