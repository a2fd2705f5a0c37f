package dev.durable.schedule;

import dev.durable.internal.form.Form;
import dev.durable.internal.form.TimeBounds;
import dev.durable.internal.text.IndexedText;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a schedule ticks, and what its ticks start. A form: it can be changed until the lambda that
 * receives it has returned. Not thread-safe.
 *
 * @param <I> the input of the workflow
 */
public final class ScheduleOptions<I> {

  private final Form form = new Form();
  private @Nullable I input;
  private @Nullable Function<? super Instant, ? extends @Nullable I> inputOfTick;
  private OverlapPolicy overlap = OverlapPolicy.SKIP;
  private MisfirePolicy misfire = MisfirePolicy.RUN_ONCE;
  private @Nullable OnGap onGap;
  private @Nullable OnRepeat onRepeat;
  private @Nullable Instant from;
  private @Nullable Instant until;
  private @Nullable Long times;
  private Duration jitter = Duration.ZERO;
  private @Nullable String queue;
  private int priority;
  private @Nullable String limitKey;
  private final Map<String, String> tags = new LinkedHashMap<>();
  private @Nullable Duration timeout;
  private int pauseAfterFailures;
  private boolean removeWhenUndeclared;

  private ScheduleOptions() {}

  static <I> ScheduleOptions<I> of(Consumer<? super ScheduleOptions<I>> with) {
    ScheduleOptions<I> options = new ScheduleOptions<>();
    return options.form.filledIn(options, with);
  }

  /** The input of each execution. Default null. */
  public ScheduleOptions<I> input(@Nullable I value) {
    form.requireOpen();
    this.input = value;
    this.inputOfTick = null;
    return this;
  }

  /**
   * Makes the input of each execution from its tick. Only workers whose code declares the schedule
   * start it then; they may call the function for a tick several times, on a thread of their own,
   * and without a transaction. If it throws, the tick is tried again later.
   */
  public ScheduleOptions<I> input(Function<? super Instant, ? extends @Nullable I> ofTick) {
    form.requireOpen();
    this.inputOfTick = Objects.requireNonNull(ofTick, "ofTick");
    return this;
  }

  /** What becomes of a tick while an earlier execution has not ended. Default SKIP. */
  public ScheduleOptions<I> overlap(OverlapPolicy policy) {
    form.requireOpen();
    this.overlap = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /** What becomes of missed ticks. Default {@link MisfirePolicy#RUN_ONCE}. */
  public ScheduleOptions<I> misfire(MisfirePolicy policy) {
    form.requireOpen();
    this.misfire = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * What becomes of a wall time that a change of the clock leaves out. Default: {@link OnGap#SHIFT}
   * where the cron expression names hours, else {@link OnGap#SKIP}.
   */
  public ScheduleOptions<I> onGap(OnGap policy) {
    form.requireOpen();
    this.onGap = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * What becomes of a wall time that a change of the clock brings twice. Default: {@link
   * OnRepeat#FIRST} where the cron expression names hours, else {@link OnRepeat#BOTH}.
   */
  public ScheduleOptions<I> onRepeat(OnRepeat policy) {
    form.requireOpen();
    this.onRepeat = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * The first time at which the schedule may tick. A schedule with a period ticks then, and whole
   * periods later; without it, one period after it was stored first.
   *
   * @throws IllegalArgumentException if before the year 1 or after the year 9999
   */
  public ScheduleOptions<I> from(Instant time) {
    form.requireOpen();
    this.from = TimeBounds.require(Objects.requireNonNull(time, "time"), "from");
    return this;
  }

  /**
   * The time from which on the schedule does not tick.
   *
   * @throws IllegalArgumentException if before the year 1 or after the year 9999
   */
  public ScheduleOptions<I> until(Instant time) {
    form.requireOpen();
    this.until = TimeBounds.require(Objects.requireNonNull(time, "time"), "until");
    return this;
  }

  /**
   * Ends the schedule after so many executions. Those of triggers and backfills do not count.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public ScheduleOptions<I> times(long executions) {
    form.requireOpen();
    this.times = atLeastOne(executions, "times");
    return this;
  }

  /**
   * Starts each execution up to that much later than its tick: always by the same time for the same
   * tick, so that many schedules of one time spread out. Default zero. Milliseconds count.
   *
   * @throws IllegalArgumentException if negative, or longer than 200 years
   */
  public ScheduleOptions<I> jitter(Duration longest) {
    form.requireOpen();
    Objects.requireNonNull(longest, "longest");
    if (longest.isNegative()) {
      throw new IllegalArgumentException("jitter must not be negative: " + longest);
    }
    this.jitter = TimeBounds.require(longest, "jitter");
    return this;
  }

  /**
   * The queue of the executions. Default: that of the workflow.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public ScheduleOptions<I> queue(String name) {
    form.requireOpen();
    this.queue = IndexedText.require(Objects.requireNonNull(name, "name"), "queue");
    return this;
  }

  /** The priority of the executions: higher goes first. Default 0. */
  public ScheduleOptions<I> priority(int level) {
    form.requireOpen();
    this.priority = level;
    return this;
  }

  /**
   * The key by which limits of the queue count the executions. Default: none.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public ScheduleOptions<I> limitKey(String key) {
    form.requireOpen();
    this.limitKey = IndexedText.require(Objects.requireNonNull(key, "key"), "limit key");
    return this;
  }

  /**
   * A tag of the executions. Several calls add several.
   *
   * @throws IllegalArgumentException if name or value is blank, longer than 500 characters, or with
   *     a NUL character or half a surrogate pair
   */
  public ScheduleOptions<I> tag(String name, String value) {
    form.requireOpen();
    tags.put(
        IndexedText.require(Objects.requireNonNull(name, "name"), "tag name"),
        IndexedText.require(Objects.requireNonNull(value, "value"), "tag value"));
    return this;
  }

  /**
   * The longest time of an execution, instead of the workflow's own timeout.
   *
   * @throws IllegalArgumentException if not positive
   */
  public ScheduleOptions<I> timeout(Duration limit) {
    form.requireOpen();
    Objects.requireNonNull(limit, "limit");
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("timeout must be positive: " + limit);
    }
    this.timeout = limit;
    return this;
  }

  /**
   * Pauses the schedule when the last so many executions of its ticks have failed. A cancelled one
   * has not failed. Default: never.
   *
   * @throws IllegalArgumentException if less than 1, or more than 100
   */
  public ScheduleOptions<I> pauseAfterFailures(int executions) {
    form.requireOpen();
    atLeastOne(executions, "pauseAfterFailures");
    if (executions > 100) {
      throw new IllegalArgumentException("pauseAfterFailures must be at most 100: " + executions);
    }
    this.pauseAfterFailures = executions;
    return this;
  }

  /**
   * Deletes a schedule that was declared by workers, once a worker that runs its workflow is up and
   * none that is declares the schedule. Its executions stay. Default: it goes on.
   */
  public ScheduleOptions<I> removeWhenUndeclared() {
    form.requireOpen();
    this.removeWhenUndeclared = true;
    return this;
  }

  private static long atLeastOne(long number, String what) {
    if (number < 1) {
      throw new IllegalArgumentException(what + " must be at least 1: " + number);
    }
    return number;
  }

  @Nullable I input() {
    return input;
  }

  @Nullable Function<? super Instant, ? extends @Nullable I> inputOfTick() {
    return inputOfTick;
  }

  ScheduleSettings settings(Ticks ticks) {
    return new ScheduleSettings(
        new Timing(changed(ticks), from, until, jitter),
        times,
        overlap,
        misfire,
        queue,
        priority,
        limitKey,
        tags,
        timeout,
        pauseAfterFailures,
        removeWhenUndeclared);
  }

  private Ticks changed(Ticks ticks) {
    return switch (ticks) {
      case Ticks.OfCron cron ->
          new Ticks.OfCron(
              cron.cron(),
              cron.zone(),
              onGap == null ? cron.onGap() : onGap,
              onRepeat == null ? cron.onRepeat() : onRepeat);
      case Ticks.OfPeriod period -> {
        if (onGap != null || onRepeat != null) {
          throw new IllegalArgumentException(
              "onGap and onRepeat are about wall times: a period of "
                  + period.period()
                  + " has none.");
        }
        yield new Ticks.OfPeriod(period.period(), from);
      }
    };
  }
}
