package dev.durable.internal.schedule;

import dev.durable.UnknownWorkflowException;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.schedule.TickInputs.Made;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.DueSchedule;
import dev.durable.internal.store.schedule.Served;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what becomes of the ticks of a schedule. If anything fails, that is noted with the schedule,
 * and the tick is tried again later: no schedule stops the others. For one thread.
 */
final class TickPlanner implements TickStore.Planner {

  /** How soon a tick that waits for an end is looked at again, if that end is not seen here. */
  private static final Duration WAITING = Duration.ofSeconds(1);

  private final Definitions definitions;
  private final TickInputs inputs;

  /** How long a worker that does not know a workflow leaves a schedule of it to others. */
  private static final Duration LEFT = Duration.ofSeconds(20);

  private final Map<String, Throwable> refused = new HashMap<>();
  private final Map<String, Instant> left = new HashMap<>();
  private final Set<String> noted = new HashSet<>();
  private final Set<String> used = new HashSet<>();
  private final Set<String> waiting = new HashSet<>();
  private @Nullable DueSchedule last;

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
    TickPlan all = TickPlan.of(state, due.now());
    List<StartRow> starts = starts(due.name(), due, settings, all.starts());
    if (starts.isEmpty() && !all.starts().isEmpty()) {
      waiting.add(due.name());
      return null;
    }
    TickPlan plan = all.first(starts.size(), due.queued());
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

  /**
   * The executions of the first of these ticks: of all, but for those whose inputs are being made,
   * or are made by others.
   */
  List<StartRow> starts(
      String use, DueSchedule due, ScheduleSettings settings, List<Instant> ticks) {
    if (ticks.isEmpty()) {
      return List.of();
    }
    if (due.input() == null && !inputs.areMadeOf(due)) {
      return List.of(); // It has been changed since it was chosen.
    }
    Workflow<?, ?> here = definitions.latest(due.workflow());
    if (due.input() != null && here != null) {
      inputs.requireReadable(due.name(), due.input(), here);
    }
    DueSchedule.Latest definition = definition(due, here);
    if (isLeftToOthers(due, definition)) {
      return List.of();
    }
    List<String> json =
        due.input() == null
            ? inputs(use, due.name(), ticks)
            : Collections.nCopies(ticks.size(), due.input());
    List<StartRow> starts = new ArrayList<>(json.size());
    for (String input : json) {
      starts.add(start(due, settings, definition, ticks.get(starts.size()), input));
    }
    return starts;
  }

  /**
   * If no live worker runs the workflow, and this one does not know it, one that does may be about
   * to start: with an older version, after a rollback. Its ticks are left to that one for a while.
   */
  private boolean isLeftToOthers(DueSchedule due, DueSchedule.Latest definition) {
    if (definition.live()) {
      left.remove(due.name());
      return false;
    }
    Instant since = left.computeIfAbsent(due.name(), name -> due.now());
    if (!due.now().isBefore(since.plus(LEFT))) {
      return false;
    }
    inputs.leave(due.name());
    return true;
  }

  private List<String> inputs(String use, String schedule, List<Instant> ticks) {
    List<String> made = new ArrayList<>();
    for (Made one : inputs.of(use, schedule, ticks)) {
      if (one.failure() != null && !made.isEmpty()) {
        break; // Those before it are started first.
      }
      made.add(input(use, one));
    }
    if (!made.isEmpty()) {
      used.add(use);
    }
    return made;
  }

  private String input(String use, Made input) {
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

  /**
   * The newest definition that is registered here, or else the newest stored one that a live worker
   * runs.
   */
  private static DueSchedule.Latest definition(DueSchedule due, @Nullable Workflow<?, ?> here) {
    if (here != null) {
      return new DueSchedule.Latest(
          new StartRow.Definition(here.name(), here.version(), here.fingerprint()),
          here.queue(),
          here.timeout().orElse(null),
          true);
    }
    if (due.definition() == null) {
      throw new UnknownWorkflowException(due.workflow(), List.of());
    }
    return due.definition();
  }

  private static Served failed(DueSchedule due, Throwable failure) {
    Failure noted = Failure.of(failure, due.failures());
    noted.log("Schedule '" + due.name() + "'", due.workflow());
    return Served.failed(due, due.now().plus(noted.pause()), noted.error());
  }

  /** The function that makes an input has failed. */
  static final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InputException(Throwable cause) {
      super(cause);
    }
  }
}
