package dev.durable.internal.store.schedule;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Hint;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.text.StorableText;
import dev.durable.schedule.Backfill;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Stores backfills, and starts their ticks. */
public final class BackfillStore {

  private static final StatementTemplate ADD =
      new StatementTemplate(
          "BackfillStore.ADD",
          """
          with ${clock}
          insert into ${schema}.schedule_backfills
            (id, schedule_id, from_at, until_at, next_tick_at, concurrency, requested_by,
             inserted_at)
          select ?::uuid, s.id, ?::timestamptz, ?::timestamptz, ?::timestamptz, ?::int, ?::text,
                 ${time}
          from ${schema}.scheduled_workflows s where s.name = ?::text
          returning id
          """);

  private static final StatementTemplate LIST =
      new StatementTemplate(
          "BackfillStore.LIST",
          """
          select b.id, s.name, b.from_at, b.until_at, b.next_tick_at, b.concurrency,
                 b.started_count, b.existing_count, b.requested_by, b.inserted_at, b.completed_at, b.cancelled,
                 ${running} as running
          from ${schema}.scheduled_workflows s
          join ${schema}.schedule_backfills b on b.schedule_id = s.id
          where s.name = ?::text
          order by b.inserted_at desc limit 100
          """
              .replace("${running}", ScheduleSql.RUNNING_IN_BACKFILL));

  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "BackfillStore.LOCK",
          """
          with ${clock}
          select b.id from ${schema}.schedule_backfills b
          join ${schema}.scheduled_workflows s on s.id = b.schedule_id
          where b.completed_at is null and (b.retry_at is null or b.retry_at <= ${time})
            and b.id <> all (?::uuid[])
            and ${made}
          order by b.inserted_at limit 1
          for no key update of b skip locked
          """
              .replace("${made}", ScheduleSql.MADE));

  private static final StatementTemplate OPEN =
      new StatementTemplate(
          "BackfillStore.OPEN",
          """
          with ${clock}
          select ${due}, b.id as backfill, b.failure_count as backfill_failures, b.until_at as backfill_until,
                 b.next_tick_at as backfill_next, b.concurrency - ${running} as room
          from ${schema}.schedule_backfills b
          join ${schema}.scheduled_workflows s on s.id = b.schedule_id ${definition}
          where b.id = ?::uuid
          """
              .replace("${due}", ScheduleSql.DUE)
              .replace("${definition}", ScheduleSql.DEFINITION)
              .replace("${running}", ScheduleSql.RUNNING_IN_BACKFILL));

  private static final StatementTemplate EXISTING =
      new StatementTemplate(
          "BackfillStore.EXISTING",
          """
          select (extract(epoch from e.scheduled_for at time zone 'UTC' - timestamp '1970-01-01')
                  * 1000000::numeric)::bigint
          from ${schema}.workflow_executions e
          where e.schedule_name = ?::text and e.scheduled_for >= ?::timestamptz
            and e.scheduled_for <= ?::timestamptz
          """);

  private static final StatementTemplate MOVE =
      new StatementTemplate(
          "BackfillStore.MOVE",
          """
          with ${clock}
          update ${schema}.schedule_backfills b
          set next_tick_at = r.next, started_count = b.started_count + r.started,
              existing_count = b.existing_count + r.existing,
              completed_at = case when r.next is null then ${time} end,
              failure_count = 0, last_error = null, failed_at = null, retry_at = null
          from (select ?::timestamptz as next, ?::bigint as started, ?::bigint as existing) r
          where b.id = ?::uuid
          """);

  private static final StatementTemplate FAIL =
      new StatementTemplate(
          "BackfillStore.FAIL",
          """
          with ${clock}
          update ${schema}.schedule_backfills b
          set failure_count = b.failure_count + 1, last_error = ?::jsonb, failed_at = ${time},
              retry_at = ${after: ?::float8}
          where b.id = ?::uuid
          """);

  private static final StatementTemplate CANCEL =
      new StatementTemplate(
          "BackfillStore.CANCEL",
          """
          with ${clock}
          update ${schema}.schedule_backfills b
          set completed_at = ${time}, cancelled = true
          where b.id = ?::uuid and b.completed_at is null
          returning b.id
          """);

  public static final List<StatementTemplate> STATEMENTS =
      List.of(ADD, LIST, LOCK, OPEN, EXISTING, MOVE, FAIL, CANCEL);

  private final Database database;
  private final Schema schema;
  private final HintSender hints;
  private final TickStarts starts;

  /**
   * @param database where
   * @param schema whose tables
   * @param hints sends the hints of what has been committed by {@link #serve}
   */
  public BackfillStore(Database database, Schema schema, HintSender hints) {
    this.database = database;
    this.schema = schema;
    this.hints = hints;
    this.starts = new TickStarts(schema);
  }

  /**
   * Stores a backfill.
   *
   * @param first its first tick, or null if there is none
   * @return its id; empty if there is no such schedule
   */
  public Optional<UUID> add(
      String schedule,
      Instant from,
      Instant until,
      @Nullable Instant first,
      int concurrency,
      String by) {
    List<UUID> added = new ArrayList<>();
    Pipeline pipeline = new Pipeline();
    pipeline.add(
        schema.of(ADD),
        bind ->
            bind.now()
                .uuid(TimeOrderedIds.next())
                .time(from)
                .time(until)
                .optional(first)
                .number(concurrency)
                .text(StorableText.storable(by))
                .text(schedule),
        rows -> {
          while (rows.next()) {
            added.add(RowReader.id(rows));
            pipeline.hint(Hint.SCHEDULES);
          }
        });
    pipeline.execute(database, "store a backfill of schedule " + schedule);
    return added.stream().findFirst();
  }

  /** Ends a backfill; false if it has ended before, or there is none of that id. */
  public boolean cancel(UUID id) {
    return database
        .query(
            "cancel backfill " + id,
            schema.of(CANCEL),
            bind -> bind.now().uuid(id),
            Answer.first(RowReader::id))
        .isPresent();
  }

  /** The backfills of a schedule, the newest first. */
  public List<Backfill> list(String schedule) {
    return database.query(
        "list backfills",
        schema.of(LIST),
        bind -> bind.text(schedule),
        Answer.all(BackfillStore::backfill));
  }

  private static Backfill backfill(ResultSet row) throws SQLException {
    return new Backfill(
        RowReader.id(row),
        row.getString("name"),
        RowReader.requiredTime(row, "from_at"),
        RowReader.requiredTime(row, "until_at"),
        RowReader.time(row, "next_tick_at"),
        row.getInt("concurrency"),
        row.getLong("started_count"),
        row.getLong("existing_count"),
        row.getLong("running"),
        Objects.requireNonNullElse(row.getString("requested_by"), ""),
        RowReader.requiredTime(row, "inserted_at"),
        RowReader.time(row, "completed_at"),
        row.getBoolean("cancelled"));
  }

  /**
   * A backfill that is not done, locked.
   *
   * @param id its id
   * @param due its schedule
   * @param next the first tick that has not been served, or null
   * @param until the end of its range
   * @param room how many executions it may start now
   * @param failures how often in a row it has failed
   */
  public record Open(
      UUID id, DueSchedule due, @Nullable Instant next, Instant until, int room, int failures) {}

  /**
   * What becomes of the next ticks of a backfill.
   *
   * @param starts the executions to start
   * @param existing how many ticks were left out
   * @param next the first tick that has not been served, or null if it is done
   * @param failure why nothing starts, or null
   */
  public record Step(
      List<StartRow> starts, long existing, @Nullable Instant next, @Nullable Failed failure) {

    /** Nothing starts, and the same ticks are tried again after a pause. */
    public static Step failed(Open open, ErrorInfo error, Duration pause) {
      return new Step(List.of(), 0, open.next(), new Failed(error, pause));
    }
  }

  /**
   * A failure of a backfill.
   *
   * @param error why
   * @param pause the time until it is tried again
   */
  public record Failed(ErrorInfo error, Duration pause) {}

  /** Finds which ticks of a schedule, from one to another, have an execution. */
  @FunctionalInterface
  public interface Existing {
    List<Instant> between(Instant first, Instant last);
  }

  /** Says what becomes of the next ticks of a backfill; null to leave it alone for now. */
  @FunctionalInterface
  public interface Planner {
    @Nullable Step plan(Open open, Existing existing);
  }

  /**
   * Serves the next ticks of a backfill.
   *
   * @param leftOut those not to look at
   * @param declared the schedules whose input this worker's code makes
   * @return the backfill that it has looked at; empty if there is none
   */
  public Optional<UUID> serve(List<UUID> leftOut, List<Declaration> declared, Planner planner) {
    List<String> held = new ArrayList<>();
    Optional<UUID> served =
        database.inTransaction(
            "serve a backfill",
            connection -> {
              held.clear();
              return serve(connection, held, new Look(leftOut, declared), planner);
            });
    hints.send(held);
    return served;
  }

  private record Look(List<UUID> leftOut, List<Declaration> declared) {}

  private Optional<UUID> serve(Connection connection, List<String> held, Look look, Planner planner)
      throws SQLException {
    Database inside = database.using(connection);
    Optional<UUID> locked =
        inside.query(
            "lock a backfill",
            schema.of(LOCK),
            bind -> Declaration.bind(bind.now().uuids(look.leftOut, id -> id), look.declared),
            Answer.first(RowReader::id));
    if (locked.isEmpty()) {
      return locked;
    }
    Open open = open(inside, locked.get());
    Step step = planner.plan(open, (first, last) -> existing(inside, open, first, last));
    if (step != null && step.failure != null) {
      fail(inside, open, step.failure);
    } else if (step != null) {
      int added = starts.start(connection, step.starts, held).size();
      inside.update(
          "move a backfill on",
          schema.of(MOVE),
          bind ->
              bind.now()
                  .optional(step.next)
                  .number(added)
                  .number(step.existing + step.starts.size() - added)
                  .uuid(open.id));
    }
    return locked;
  }

  private void fail(Database inside, Open open, Failed failure) {
    inside.update(
        "note the failure of a backfill",
        schema.of(FAIL),
        bind ->
            bind.now()
                .text(InternalJson.write(failure.error))
                .duration(failure.pause)
                .uuid(open.id));
  }

  private Open open(Database inside, UUID id) {
    return inside
        .query(
            "read a backfill",
            schema.of(OPEN),
            bind -> bind.now().uuid(id),
            Answer.first(
                row ->
                    new Open(
                        id,
                        TickStore.dueSchedule(row),
                        RowReader.time(row, "backfill_next"),
                        RowReader.requiredTime(row, "backfill_until"),
                        row.getInt("room"),
                        row.getInt("backfill_failures"))))
        .orElseThrow();
  }

  private List<Instant> existing(Database inside, Open open, Instant first, Instant last) {
    return inside.query(
        "find ticks with executions",
        schema.of(EXISTING),
        bind -> bind.text(open.due.name()).time(first).time(last),
        Answer.all(row -> ScheduleReader.instant(row.getLong(1))));
  }
}
