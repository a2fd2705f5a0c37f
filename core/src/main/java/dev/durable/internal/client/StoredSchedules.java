package dev.durable.internal.client;

import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.client.StartRequests.Start;
import dev.durable.internal.form.TimeBounds;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.ScheduleRow;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.internal.text.Reason;
import dev.durable.internal.text.StorableText;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.DuplicateScheduleException;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.ScheduleNotFoundException;
import dev.durable.schedule.ScheduleQuery;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.Schedules;
import dev.durable.schedule.StoredSchedule;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Changes schedules, and starts what is triggered.
 *
 * @param starter starts an execution, in the transaction of the stores
 */
record StoredSchedules(
    ScheduleStore store,
    BackfillStore backfills,
    ScheduleRequests requests,
    Function<Start, ExecutionHandle<String>> starter)
    implements Schedules {

  private static final int MOST = 1_000;

  static StoredSchedules of(
      Stores stores, ScheduleRequests requests, Function<Start, ExecutionHandle<String>> starter) {
    return new StoredSchedules(stores.schedules(), stores.backfills(), requests, starter);
  }

  @Override
  public StoredSchedule put(Schedule<?> schedule) {
    store.put(List.of(requests.put(Objects.requireNonNull(schedule, "schedule"))));
    return require(schedule.name());
  }

  @Override
  public StoredSchedule add(Schedule<?> schedule) {
    ScheduleRow row = requests.put(Objects.requireNonNull(schedule, "schedule"));
    if (!store.add(row)) {
      throw new DuplicateScheduleException(row.name(), require(row.name()).workflow());
    }
    return require(row.name());
  }

  @Override
  public Optional<StoredSchedule> find(String name) {
    return isStorable(name) ? store.find(name) : Optional.empty();
  }

  /** No schedule has a name that the database cannot store: it is not even asked for it. */
  private static boolean isStorable(String name) {
    return StorableText.isStorable(Objects.requireNonNull(name, "name"));
  }

  private StoredSchedule require(String name) {
    return find(name).orElseThrow(() -> missing(name));
  }

  private ScheduleNotFoundException missing(String name) {
    return new ScheduleNotFoundException(name, store.names());
  }

  private void requireFound(boolean found, String name) {
    if (!found) {
      throw missing(name);
    }
  }

  @Override
  public List<StoredSchedule> list(Consumer<? super ScheduleQuery> filter) {
    return store.list(ScheduleQuery.of(filter));
  }

  @Override
  public void pause(String name, String reason, String by) {
    Objects.requireNonNull(by, "by");
    requireFound(isStorable(name) && store.pause(name, Reason.require(reason), by), name);
  }

  @Override
  public void resume(String name) {
    requireFound(isStorable(name) && store.resume(name), name);
  }

  @Override
  public void delete(String name) {
    requireFound(isStorable(name) && store.delete(name), name);
  }

  @Override
  public ExecutionHandle<String> trigger(String name) {
    return start(name, null);
  }

  @Override
  public ExecutionHandle<String> trigger(String name, String json) {
    return start(name, Objects.requireNonNull(json, "json"));
  }

  private ExecutionHandle<String> start(String name, @Nullable String json) {
    StoredSchedule schedule = require(name);
    return starter.apply(requests.trigger(schedule, json, store.now()));
  }

  private void requirePast(Instant from, Instant until) {
    if (!from.isBefore(until)) {
      throw new IllegalArgumentException(
          "A backfill begins before it ends: " + from + " is not before " + until + ".");
    }
    Instant now = store.now();
    if (until.isAfter(now)) {
      throw new IllegalArgumentException(
          "A backfill is for ticks of the past: " + until + " is to come, it is " + now + ".");
    }
  }

  @Override
  public Backfill backfill(String name, Instant from, Instant until, int concurrency, String by) {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(until, "until");
    Objects.requireNonNull(by, "by");
    StoredSchedule schedule = require(name);
    requirePast(from, until);
    TimeBounds.require(from, "from");
    requireRange("concurrency", concurrency);
    Instant first = schedule.settings().timing().after(from.minusNanos(1));
    Instant next = first == null || !first.isBefore(until) ? null : first;
    UUID id =
        backfills.add(name, from, until, next, concurrency, by).orElseThrow(() -> missing(name));
    return backfills.list(name).stream()
        .filter(each -> each.id().equals(id))
        .findFirst()
        .orElseThrow(() -> missing(name));
  }

  @Override
  public List<Backfill> backfills(String name) {
    List<Backfill> stored = isStorable(name) ? backfills.list(name) : List.of();
    if (stored.isEmpty()) {
      require(name);
    }
    return stored;
  }

  @Override
  public boolean cancelBackfill(UUID id) {
    return backfills.cancel(Objects.requireNonNull(id, "id"));
  }

  @Override
  public List<Instant> preview(String name, int number) {
    StoredSchedule schedule = require(name);
    return next(schedule.settings(), schedule.started(), number);
  }

  @Override
  public List<Instant> preview(Schedule<?> schedule, int number) {
    return next(Objects.requireNonNull(schedule, "schedule").settings(), 0, number);
  }

  private List<Instant> next(ScheduleSettings settings, long started, int number) {
    requireRange("the number of ticks", number);
    Long times = settings.times();
    long left = times == null ? number : Math.max(0, times - started);
    return settings.timing().after(store.now(), (int) Math.min(number, left));
  }

  private static void requireRange(String what, int number) {
    if (number < 1 || number > MOST) {
      throw new IllegalArgumentException(what + " must be from 1 to " + MOST + ": " + number);
    }
  }
}
