package dev.durable.schedule;

import dev.durable.internal.text.IndexedText;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A schedule: at its ticks it starts executions of a workflow, one for each tick, on any number of
 * workers. Declared with {@code Durable.on(dataSource).schedule(...)}, or stored with {@code
 * durable.schedules().put(...)}. Immutable.
 *
 * <pre>{@code
 * Schedule<ReportRequest> daily =
 *     Schedule.cron("daily_report", REPORT, "0 9 * * MON-FRI", ZoneId.of("America/New_York"),
 *         with -> with.input(new ReportRequest("all")).misfire(MisfirePolicy.RUN_ALL));
 * }</pre>
 *
 * @param <I> the input of the workflow
 */
public final class Schedule<I> {

  /** The most ticks of a schedule that wait for the end of an execution: 1,000. */
  public static final int MOST_QUEUED = 1_000;

  private final String name;
  private final Workflow<I, ?> workflow;
  private final ScheduleSettings settings;
  private final @Nullable I input;
  private final @Nullable Function<? super Instant, ? extends @Nullable I> inputOfTick;

  private Schedule(String name, Workflow<I, ?> workflow, Ticks ticks, ScheduleOptions<I> options) {
    this.name = IndexedText.require(name, "schedule name");
    this.workflow = workflow;
    this.settings = options.settings(ticks);
    this.input = options.input();
    this.inputOfTick = options.inputOfTick();
  }

  /**
   * Ticks at the times of a cron expression, by the clock of a zone.
   *
   * @param name unique in the database
   * @param workflow what each tick starts: the newest version that the worker knows which starts it
   * @param expression five fields, or six with the second in front; see {@link Cron}
   * @throws CronException if the expression is malformed or never fires
   * @throws IllegalArgumentException if the name is blank, longer than 500 characters, or with a
   *     NUL character or half a surrogate pair
   */
  public static <I> Schedule<I> cron(
      String name,
      Workflow<I, ?> workflow,
      String expression,
      ZoneId zone,
      Consumer<? super ScheduleOptions<I>> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(expression, "expression");
    Objects.requireNonNull(zone, "zone");
    Objects.requireNonNull(with, "with");
    return new Schedule<>(
        name, workflow, Ticks.OfCron.of(Cron.of(expression), zone), ScheduleOptions.of(with));
  }

  /** The same with the defaults, and no input. */
  public static <I> Schedule<I> cron(
      String name, Workflow<I, ?> workflow, String expression, ZoneId zone) {
    return cron(name, workflow, expression, zone, with -> {});
  }

  /**
   * Ticks whenever a period has passed, counted from a fixed time: it does not drift. See {@link
   * ScheduleOptions#from}.
   *
   * @param name unique in the database
   * @param workflow what each tick starts: the newest version that the worker knows which starts it
   * @param period from a second to 200 years
   * @throws IllegalArgumentException if the period is shorter or longer, or the name is blank,
   *     longer than 500 characters, or with a NUL character or half a surrogate pair
   */
  public static <I> Schedule<I> every(
      String name,
      Workflow<I, ?> workflow,
      Duration period,
      Consumer<? super ScheduleOptions<I>> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(with, "with");
    return new Schedule<>(
        name, workflow, new Ticks.OfPeriod(period, null), ScheduleOptions.of(with));
  }

  /** The same with the defaults, and no input. */
  public static <I> Schedule<I> every(String name, Workflow<I, ?> workflow, Duration period) {
    return every(name, workflow, period, with -> {});
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** What each tick starts. */
  public Workflow<I, ?> workflow() {
    return workflow;
  }

  /** How it ticks. */
  public ScheduleSettings settings() {
    return settings;
  }

  /** Whether its input is made for each tick. */
  public boolean hasInputOfTick() {
    return inputOfTick != null;
  }

  /**
   * The input of the execution of a tick. Throws whatever the function throws that makes it.
   *
   * @param tick the time; matters only if the input is made for each tick
   */
  public @Nullable I input(Instant tick) {
    Objects.requireNonNull(tick, "tick");
    return inputOfTick == null ? input : inputOfTick.apply(tick);
  }

  @Override
  public String toString() {
    return "schedule '"
        + name
        + "' of workflow '"
        + workflow.name()
        + "': "
        + settings.timing().ticks().describe();
  }
}
