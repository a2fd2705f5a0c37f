package dev.durable.internal.store.schedule;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.client.CancelStore;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.StartRow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Serves the ticks of schedules that are due: in one transaction it locks their rows, starts the
 * executions and moves the rows on. A tick has one execution at most, since schedule and tick are
 * unique: whatever becomes of an answer, and on however many workers this runs.
 */
public final class TickStore {

  /** Whether this worker serves a schedule. */
  private static final String SERVED =
      ScheduleSql.MADE + " and coalesce(s.name <> all (?::text[]), true)";

  /**
   * Sent before the rows are read, so that what others have served before the lock is seen. Those
   * that are due come in the order of their index, without a sort: of ten thousand that are due at
   * once, each batch would sort all. An end matters only to a schedule with ticks that wait for it,
   * or that a failure may pause.
   */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "TickStore.LOCK",
          """
          with ${clock}, due as materialized (
            select s.id from ${schema}.scheduled_workflows s
            where s.enabled and s.next_run_at <= ${time} and ${served}
            order by s.next_run_at limit ?::int
            for no key update skip locked
          ), freed as materialized (
            select s.id from ${schema}.scheduled_workflows s
            where s.name = any (?::text[]) and s.enabled and s.next_run_at is not null and ${served}
              and (pg_catalog.cardinality(s.queued_ticks) > 0 or s.pause_after_failures > 0)
            limit ?::int
            for no key update skip locked
          )
          select d.id from due d union select f.id from freed f
          """
              .replace("${served}", SERVED));

  private static final StatementTemplate DUE =
      new StatementTemplate(
          "TickStore.DUE",
          """
          with ${clock}
          select ${due}
          from ${schema}.scheduled_workflows s ${definition}
          where s.id = any (?::uuid[])
          order by s.next_run_at, s.id
          """
              .replace("${due}", ScheduleSql.DUE)
              .replace("${definition}", ScheduleSql.DEFINITION));

  private static final StatementTemplate OPEN =
      new StatementTemplate(
          "TickStore.OPEN",
          """
          select e.id
          from ${schema}.scheduled_workflows s
          join ${schema}.workflow_executions e on ${overlaps}
          where s.name = any (?::text[])
          order by e.id
          """
              .replace("${overlaps}", ScheduleSql.OVERLAPS));

  private static final StatementTemplate MOVE =
      new StatementTemplate(
          "TickStore.MOVE",
          """
          with ${clock}
          update ${schema}.scheduled_workflows s
          set next_tick_at = r.next, next_run_at = r.due,
              queued_ticks = array(
                select (timestamp '1970-01-01' + u.micros::bigint::float8 * interval '1 microsecond')
                         at time zone 'UTC'
                from (select pg_catalog.unnest(pg_catalog.string_to_array(r.queued, ','))
                        as micros) u),
              last_tick_at = coalesce(r.last, s.last_tick_at),
              last_run_at = case when r.started > 0 then ${time} else s.last_run_at end,
              last_workflow_id = coalesce(r.execution, s.last_workflow_id),
              started_count = s.started_count + r.started,
              missed_count = s.missed_count + r.missed,
              overlapped_count = s.overlapped_count + r.overlapped,
              failure_count = r.failures, last_error = r.error::jsonb,
              failed_at = case when r.error is not null then ${time} end,
              enabled = r.pause is null, paused_reason = r.pause,
              paused_at = case when r.pause is not null then ${time} end,
              paused_by = case when r.pause is not null then 'durable' end, updated_at = ${time}
          from ${rows: id uuid, next timestamptz, due timestamptz, queued text, last timestamptz,
                       execution uuid, started bigint, missed bigint, overlapped bigint,
                       failures int, error text, pause text} as r
          where s.id = r.id
          """);

  private static final StatementTemplate NEXT =
      new StatementTemplate(
          "TickStore.NEXT",
          """
          with ${clock}, next as materialized (
            select s.next_run_at as due from ${schema}.scheduled_workflows s
            where s.enabled and s.next_run_at is not null and ${served}
            order by s.next_run_at limit 1
          )
          select ${until: n.due}, exists (select 1 from ${schema}.schedule_backfills b
                                          where b.completed_at is null)
          from (select 1) as always left join next n on true
          """
              .replace("${served}", SERVED));

  public static final List<StatementTemplate> STATEMENTS = List.of(LOCK, DUE, OPEN, MOVE, NEXT);

  private final Database database;
  private final Schema schema;
  private final HintSender hints;
  private final TickStarts starts;

  /**
   * @param database where
   * @param schema whose tables
   * @param hints sends the hints of what has been committed
   */
  public TickStore(Database database, Schema schema, HintSender hints) {
    this.database = database.byKey();
    this.schema = schema;
    this.hints = hints;
    this.starts = new TickStarts(schema);
  }

  /**
   * Which schedules a worker serves.
   *
   * @param declared those whose input its code makes
   * @param ended those of which an execution has ended here: they may have ticks that wait
   * @param leftOut those whose input is being made, or that have just failed
   */
  public record Scope(
      List<Declaration> declared, Collection<String> ended, Collection<String> leftOut) {

    private Parameters bind(Parameters bind) throws SQLException {
      return Declaration.bind(bind, declared).texts(List.copyOf(leftOut), name -> name);
    }
  }

  /**
   * When to look again.
   *
   * @param due the time until a schedule is due, or null
   * @param backfills whether there is a backfill that is not done
   */
  public record Next(@Nullable Duration due, boolean backfills) {}

  /** Says what becomes of the ticks of a schedule; null to leave it alone for now. */
  @FunctionalInterface
  public interface Planner extends Function<DueSchedule, @Nullable Served> {}

  /** Serves the schedules that are due, at most so many; returns how many it has locked. */
  public int serve(Scope scope, int most, Planner planner) {
    List<String> held = new ArrayList<>();
    int served =
        database.inTransaction(
            "serve schedules",
            connection -> {
              held.clear();
              return new Serving(connection, held).serve(scope, most, planner);
            });
    hints.send(held);
    return served;
  }

  /** The time until the next schedule is due. */
  public Next next(Scope scope) {
    return database.query(
        "look for schedules",
        schema.of(NEXT),
        bind -> scope.bind(bind.now()),
        rows -> {
          rows.next();
          return new Next(RowReader.micros(rows, 1), rows.getBoolean(2));
        });
  }

  /** One transaction. */
  private final class Serving {

    private final Connection connection;
    private final Database inside;
    private final List<String> held;

    Serving(Connection connection, List<String> held) {
      this.connection = connection;
      this.inside = database.using(connection).telling(held::addAll);
      this.held = held;
    }

    int serve(Scope scope, int most, Planner planner) throws SQLException {
      List<UUID> locked = lock(scope, most);
      if (locked.isEmpty()) {
        return 0;
      }
      Map<DueSchedule, Served> plans = new LinkedHashMap<>();
      for (DueSchedule due : due(locked)) {
        Served served = planner.apply(due);
        if (served != null) {
          plans.put(due, served);
        }
      }
      cancel(plans);
      move(plans, start(plans));
      return locked.size();
    }

    private List<UUID> lock(Scope scope, int most) {
      return inside.query(
          "lock schedules",
          schema.of(LOCK),
          bind -> {
            scope.bind(bind.now()).number(most).texts(List.copyOf(scope.ended), name -> name);
            scope.bind(bind).number(most);
          },
          Answer.all(RowReader::id));
    }

    private List<DueSchedule> due(List<UUID> locked) {
      return inside.query(
          "read schedules",
          schema.of(DUE),
          bind -> bind.now().uuids(locked, id -> id),
          Answer.all(TickStore::dueSchedule));
    }

    private void cancel(Map<DueSchedule, Served> plans) {
      List<String> names = new ArrayList<>();
      plans.forEach(
          (due, served) -> {
            if (served.cancels()) {
              names.add(due.name());
            }
          });
      if (names.isEmpty()) {
        return;
      }
      CancelStore cancels = new CancelStore(inside, schema);
      for (UUID open : open(names)) {
        try {
          cancels.cancel(open, "The next execution of its schedule is due.");
        } catch (ExecutionStateException | ExecutionNotFoundException ended) {
          // It has ended by itself, or is being undone already.
        }
      }
    }

    private List<UUID> open(List<String> names) {
      return inside.query(
          "find executions of schedules",
          schema.of(OPEN),
          bind -> bind.texts(names, name -> name),
          Answer.all(RowReader::id));
    }

    private Map<UUID, StartRow> start(Map<DueSchedule, Served> plans) throws SQLException {
      List<StartRow> planned =
          plans.values().stream().flatMap(served -> served.starts().stream()).toList();
      return starts.start(connection, planned, held).stream()
          .collect(toMap(StartRow::id, row -> row));
    }

    private void move(Map<DueSchedule, Served> plans, Map<UUID, StartRow> started) {
      if (plans.isEmpty()) {
        return;
      }
      List<Moved> moved = new ArrayList<>();
      plans.forEach((due, served) -> moved.add(new Moved(due.id(), served, started)));
      inside.update("move schedules on", schema.of(MOVE), bind -> bind(bind.now(), moved));
    }
  }

  /** A row to be moved on, with the executions that were started for it. */
  private record Moved(UUID id, Served served, List<StartRow> started) {

    Moved(UUID id, Served served, Map<UUID, StartRow> all) {
      this(id, served, served.starts().stream().filter(row -> all.containsKey(row.id())).toList());
    }

    @Nullable StartRow last() {
      return started.isEmpty() ? null : started.getLast();
    }

    String queued() {
      return served.queued().stream()
          .map(tick -> String.valueOf(ChronoUnit.MICROS.between(Instant.EPOCH, tick)))
          .collect(joining(","));
    }
  }

  private static void bind(Parameters bind, List<Moved> rows) throws SQLException {
    bind.uuids(rows, Moved::id)
        .times(rows, row -> row.served.next())
        .times(rows, row -> row.served.dueAt())
        .texts(rows, Moved::queued)
        .times(rows, row -> row.last() == null ? null : row.last().scheduledFor())
        .uuids(rows, row -> row.last() == null ? null : row.last().id())
        .longs(rows, row -> (long) row.started.size())
        .longs(rows, row -> row.served.missed())
        .longs(rows, row -> row.served.overlapped())
        .ints(rows, row -> row.served.failures())
        .texts(rows, row -> json(row.served.error()))
        .texts(rows, row -> row.served.pause());
  }

  private static @Nullable String json(@Nullable ErrorInfo error) {
    return error == null ? null : InternalJson.write(error);
  }

  static DueSchedule dueSchedule(ResultSet row) throws SQLException {
    return new DueSchedule(
        RowReader.id(row),
        row.getString("name"),
        row.getString("workflow_name"),
        ScheduleReader.settings(row),
        row.getString("input"),
        RowReader.time(row, "next_tick_at"),
        ScheduleReader.queued(row),
        row.getLong("started_count"),
        row.getInt("failure_count"),
        row.getBoolean("running"),
        row.getBoolean("failing"),
        latest(row),
        Objects.requireNonNull(RowReader.time(row, "now")));
  }

  private static DueSchedule.@Nullable Latest latest(ResultSet row) throws SQLException {
    String fingerprint = row.getString("fingerprint");
    return fingerprint == null
        ? null
        : new DueSchedule.Latest(
            new StartRow.Definition(
                row.getString("workflow_name"), row.getInt("version"), fingerprint),
            row.getString("definition_queue"),
            ScheduleReader.micros(row, "definition_timeout"),
            row.getBoolean("live"));
  }
}
