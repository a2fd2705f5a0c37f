package dev.durable.schedule;

import dev.durable.internal.form.Form;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which schedules to list, by name. All conditions must hold. A form: it can be changed until the
 * lambda that receives it has returned. Not thread-safe.
 */
public final class ScheduleQuery {

  /** The largest page: 1,000. */
  public static final int MAX_LIMIT = 1_000;

  private final Form form = new Form();
  private @Nullable String workflow;
  private @Nullable String queue;
  private @Nullable Boolean paused;
  private @Nullable String after;
  private int limit = 100;

  private ScheduleQuery() {}

  /** The query that the lambda fills in. */
  public static ScheduleQuery of(Consumer<? super ScheduleQuery> filter) {
    Objects.requireNonNull(filter, "filter");
    ScheduleQuery query = new ScheduleQuery();
    return query.form.filledIn(query, filter);
  }

  /** Only of this workflow. */
  public ScheduleQuery workflow(String name) {
    form.requireOpen();
    this.workflow = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Only with this queue of its own. */
  public ScheduleQuery queue(String name) {
    form.requireOpen();
    this.queue = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Only those that are paused, or only those that are not. */
  public ScheduleQuery paused(boolean are) {
    form.requireOpen();
    this.paused = are;
    return this;
  }

  /** Only those whose name comes after this one: the next page. */
  public ScheduleQuery after(String name) {
    form.requireOpen();
    this.after = Objects.requireNonNull(name, "name");
    return this;
  }

  /**
   * How many at most. Default 100.
   *
   * @throws IllegalArgumentException if less than 1 or above {@link #MAX_LIMIT}
   */
  public ScheduleQuery limit(int schedules) {
    form.requireOpen();
    if (schedules < 1 || schedules > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be from 1 to " + MAX_LIMIT + ": " + schedules);
    }
    this.limit = schedules;
    return this;
  }

  /** The workflow, or null for any. */
  public @Nullable String workflow() {
    return workflow;
  }

  /** The queue, or null for any. */
  public @Nullable String queue() {
    return queue;
  }

  /** Whether they are paused, or null for either. */
  public @Nullable Boolean paused() {
    return paused;
  }

  /** The name before the first one, or null. */
  public @Nullable String after() {
    return after;
  }

  /** How many at most. */
  public int limit() {
    return limit;
  }
}
