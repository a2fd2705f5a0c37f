package dev.durable.internal.schedule;

import dev.durable.DurableException;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.ErrorInfo;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.schedule.TickInputs.Made;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.DueSchedule;
import dev.durable.internal.store.schedule.Served;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.internal.text.StorableText;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what becomes of the ticks of a schedule. If anything fails, that is noted with the schedule,
 * and the tick is tried again later: no schedule stops the others. For one thread.
 */
final class TickPlanner implements TickStore.Planner, BackfillStore.Planner {

  private static final Logger LOG = LoggerFactory.getLogger(TickPlanner.class);

  /** How soon a tick that waits for an end is looked at again, if that end is not seen here. */
  private static final Duration WAITING = Duration.ofSeconds(1);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final int LARGEST_SHIFT = 10;

  /** The most ticks of a backfill in one transaction. */
  private static final int STRETCH = 200;

  private final Definitions definitions;
  private final TickInputs inputs;
  private final Map<String, Throwable> refused = new HashMap<>();
  private final Set<String> noted = new HashSet<>();
  private final Set<String> used = new HashSet<>();
  private final Set<String> waiting = new HashSet<>();
  private @Nullable DueSchedule last;
  private @Nullable UUID lastBackfill;

  TickPlanner(Definitions definitions, TickInputs inputs) {
    this.definitions = definitions;
    this.inputs = inputs;
  }

  /** The schedule that was planned last, or null. */
  @Nullable DueSchedule last() {
    return last;
  }

  /**
   * The database has refused what was planned for a schedule: the next plan only notes that.
   *
   * @return false if it has refused that note
   */
  boolean refuse(String schedule, Throwable failure) {
    return noted.add(schedule) && refused.put(schedule, failure) == null;
  }

  /** The backfill that was planned last, or null. */
  @Nullable UUID lastBackfill() {
    return lastBackfill;
  }

  /** The schedules that are to be looked at once their input has been made, due or not. */
  Set<String> waiting() {
    return waiting;
  }

  /** Forgets which was planned last. */
  void begin() {
    last = null;
    used.clear();
    waiting.clear();
  }

  /** What was planned has been committed. */
  void committed() {
    noted.clear();
    used.forEach(inputs::forget);
    used.clear();
  }

  @Override
  public @Nullable Served apply(DueSchedule due) {
    last = due;
    try {
      Throwable failure = refused.remove(due.name());
      return failure == null ? plan(due) : failed(due, failure);
    } catch (Throwable failure) {
      return failed(due, failure);
    }
  }

  private @Nullable Served plan(DueSchedule due) {
    ScheduleSettings settings = due.settings().get();
    if (due.failing()) {
      return Served.paused(
          due, "Its last " + settings.pauseAfterFailures() + " executions have failed.");
    }
    TickPlan.State state =
        new TickPlan.State(
            due.name(), settings, due.next(), due.queued(), due.started(), due.running());
    TickPlan plan = TickPlan.of(state, due.now());
    List<StartRow> starts = starts(due.name(), due, settings, plan.starts());
    if (starts == null) {
      waiting.add(due.name());
      return null;
    }
    return new Served(
        starts,
        plan.cancels(),
        plan.next(),
        plan.dueAt(state, due.now(), WAITING),
        plan.queued(),
        plan.missed(),
        plan.overlapped(),
        0,
        null,
        null);
  }

  /** The executions of ticks; null as long as their inputs are being made. */
  private @Nullable List<StartRow> starts(
      String use, DueSchedule due, ScheduleSettings settings, List<Instant> ticks) {
    if (ticks.isEmpty()) {
      return List.of();
    }
    DueSchedule.Latest definition = definition(due);
    Map<Instant, Made> made = due.input() == null ? inputs.of(use, due.name(), ticks) : Map.of();
    if (made == null) {
      return null;
    }
    used.add(use);
    List<StartRow> starts = new ArrayList<>(ticks.size());
    for (Instant tick : ticks) {
      String input = due.input() == null ? input(use, made.get(tick)) : due.input();
      starts.add(start(due, settings, definition, tick, input));
    }
    return starts;
  }

  private String input(String use, @Nullable Made made) {
    Made input = Objects.requireNonNull(made);
    if (input.failure() != null) {
      inputs.forget(use);
      throw new InputException(input.failure());
    }
    return Objects.requireNonNull(input.json());
  }

  private static StartRow start(
      DueSchedule due,
      ScheduleSettings settings,
      DueSchedule.Latest latest,
      Instant tick,
      String input) {
    String queue = settings.queue() == null ? latest.queue() : settings.queue();
    Duration timeout = settings.timeout() == null ? latest.timeout() : settings.timeout();
    return new StartRow(
        TimeOrderedIds.next(),
        latest.definition(),
        StartRow.KeyUse.NONE,
        new StartRow.Turn(queue, settings.priority(), null, null, settings.limitKey(), false),
        input,
        settings.tags(),
        StartRow.Limit.after(timeout),
        new StartRow.Tick(due.name(), tick),
        null);
  }

  /** The newest definition that is registered here, or else the newest that is stored. */
  private DueSchedule.Latest definition(DueSchedule due) {
    Workflow<?, ?> here = definitions.latest(due.workflow());
    if (here != null) {
      return new DueSchedule.Latest(
          new StartRow.Definition(here.name(), here.version(), here.fingerprint()),
          here.queue(),
          here.timeout().orElse(null));
    }
    if (due.definition() == null) {
      throw new UnknownWorkflowException(due.workflow(), List.of());
    }
    return due.definition();
  }

  private static Served failed(DueSchedule due, Throwable failure) {
    Throwable cause = failure instanceof InputException input ? input.cause : failure;
    // A slow function holds up this worker alone: others may start the tick at once.
    Duration pause =
        cause instanceof SlowInputException ? Duration.ZERO : pauseAfter(due.failures());
    String message = String.valueOf(cause.getMessage());
    LOG.warn(
        "Schedule '{}' could not start workflow '{}'; tries again {}: {}",
        due.name(),
        due.workflow(),
        pause.isZero() ? "as soon as it can" : "in " + pause,
        message,
        cause instanceof DurableException ? null : cause);
    ErrorInfo error =
        ErrorInfo.of(cause.getClass().getName(), StorableText.storable(message), null);
    return Served.failed(due, due.now().plus(pause), error);
  }

  private static Duration pauseAfter(int failures) {
    Duration pause = Duration.ofSeconds(1L << Math.min(failures, LARGEST_SHIFT));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  /** The function that makes an input has failed. */
  private static final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Throwable cause;

    InputException(Throwable cause) {
      super(cause);
      this.cause = cause;
    }
  }

  // ---- backfills ----

  @Override
  public BackfillStore.@Nullable Step plan(
      BackfillStore.Open open, BackfillStore.Existing existing) {
    lastBackfill = open.id();
    if (open.room() < 1 && open.next() != null) {
      return null;
    }
    ScheduleSettings settings = open.due().settings().get();
    List<Instant> stretch = stretch(open, settings);
    Set<Instant> taken =
        stretch.isEmpty()
            ? Set.of()
            : new HashSet<>(existing.between(stretch.getFirst(), stretch.getLast()));
    List<Instant> ticks = new ArrayList<>();
    int looked = 0;
    while (looked < stretch.size() && ticks.size() < open.room()) {
      Instant tick = stretch.get(looked);
      if (!taken.contains(tick)) {
        ticks.add(tick);
      }
      looked++;
    }
    List<StartRow> starts = starts("backfill of " + open.due().name(), open.due(), settings, ticks);
    if (starts == null) {
      return null;
    }
    Instant next = looked == 0 ? null : within(open, settings, stretch.get(looked - 1));
    return new BackfillStore.Step(starts, looked - ticks.size(), next);
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
