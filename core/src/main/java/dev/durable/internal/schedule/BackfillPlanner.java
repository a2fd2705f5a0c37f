package dev.durable.internal.schedule;

import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.schedule.ScheduleSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says what becomes of the next ticks of a backfill. If anything fails, that is noted with the
 * backfill, which is tried again later: none stops the others. For one thread.
 */
final class BackfillPlanner implements BackfillStore.Planner {

  /** The most ticks of a backfill in one transaction. */
  private static final int STRETCH = 200;

  private final TickPlanner ticks;
  private final Map<UUID, Throwable> refused = new HashMap<>();
  private @Nullable UUID last;

  /**
   * @param ticks makes the executions of ticks
   */
  BackfillPlanner(TickPlanner ticks) {
    this.ticks = ticks;
  }

  /** Forgets which was planned last. */
  void begin() {
    ticks.begin();
    last = null;
  }

  /** The backfill that was planned last, or null. */
  @Nullable UUID last() {
    return last;
  }

  /** The database has refused what was planned for a backfill: the next plan only notes that. */
  void refuse(UUID backfill, Throwable failure) {
    refused.put(backfill, failure);
  }

  @Override
  public BackfillStore.@Nullable Step plan(
      BackfillStore.Open open, BackfillStore.Existing existing) {
    last = open.id();
    List<Instant> stretch;
    try {
      Throwable refusal = refused.remove(open.id());
      if (refusal != null) {
        return failed(open, refusal);
      }
      if (open.room() < 1 && open.next() != null) {
        return null;
      }
      stretch = stretch(open, open.due().settings().get());
    } catch (Throwable failure) {
      return failed(open, failure);
    }
    // A failure of this one is a failure of the transaction.
    Set<Instant> taken =
        stretch.isEmpty()
            ? Set.of()
            : new HashSet<>(existing.between(stretch.getFirst(), stretch.getLast()));
    try {
      return step(open, stretch, taken);
    } catch (Throwable failure) {
      return failed(open, failure);
    }
  }

  private BackfillStore.@Nullable Step step(
      BackfillStore.Open open, List<Instant> stretch, Set<Instant> taken) {
    ScheduleSettings settings = open.due().settings().get();
    List<Instant> wanted = new ArrayList<>();
    int looked = 0;
    while (looked < stretch.size() && wanted.size() < open.room()) {
      Instant tick = stretch.get(looked);
      if (!taken.contains(tick)) {
        wanted.add(tick);
      }
      looked++;
    }
    List<StartRow> starts =
        ticks.starts("backfill of " + open.due().name(), open.due(), settings, wanted);
    if (starts.size() < wanted.size()) {
      return starts.isEmpty() ? null : first(starts, stretch, wanted.get(starts.size()));
    }
    Instant next = looked == 0 ? null : within(open, settings, stretch.get(looked - 1));
    return new BackfillStore.Step(starts, looked - wanted.size(), next, null);
  }

  /** The step up to a tick whose input is being made. */
  private static BackfillStore.Step first(
      List<StartRow> starts, List<Instant> stretch, Instant next) {
    return new BackfillStore.Step(starts, stretch.indexOf(next) - starts.size(), next, null);
  }

  private static BackfillStore.Step failed(BackfillStore.Open open, Throwable thrown) {
    Failure failure = Failure.of(thrown, open.failures());
    failure.log(
        "Backfill " + open.id() + " of schedule '" + open.due().name() + "'",
        open.due().workflow());
    return BackfillStore.Step.failed(open, failure.error(), failure.pause());
  }

  private static List<Instant> stretch(BackfillStore.Open open, ScheduleSettings settings) {
    List<Instant> stretch = new ArrayList<>();
    Instant tick = open.next();
    while (tick != null && tick.isBefore(open.until()) && stretch.size() < STRETCH) {
      stretch.add(tick);
      tick = settings.timing().after(tick);
    }
    return stretch;
  }

  private static @Nullable Instant within(
      BackfillStore.Open open, ScheduleSettings settings, Instant tick) {
    Instant next = settings.timing().after(tick);
    return next == null || !next.isBefore(open.until()) ? null : next;
  }
}
