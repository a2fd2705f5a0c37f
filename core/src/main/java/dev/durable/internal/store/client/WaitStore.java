package dev.durable.internal.store.client;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.SignalSql;
import dev.durable.wait.OpenWait;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Open waits: lists, cancels and expires them. */
public final class WaitStore {

  /** All rows of waits of an execution. */
  private static final String ALL =
      "select g.workflow_id, g.seq from ${schema}.wait_groups g where g.workflow_id = a.id";

  /**
   * The rows of the wait at one path, found by a key that only one index has: with the id as a
   * condition, PostgreSQL may read all waits of the execution. Two keys may be the same number.
   */
  private static final String ONE =
      """
      select g.workflow_id, g.seq from ${schema}.wait_groups g
              where ${g} = ${a} and g.workflow_id::text = a.id::text and g.path = a.path"""
          .replace("${g}", SignalSql.placeOf("g.workflow_id", "g.path"))
          .replace("${a}", SignalSql.placeOf("a.id", "a.path"));

  private static final String OPEN =
      """
      asked as (
        select ?::uuid as id, ?::text as path
      ), open as (
        select distinct e.id as workflow_id, g.seq, e.status
        from asked a
        join ${schema}.workflow_executions e
          on e.id = a.id and e.status in ('pending', 'running', 'waiting', 'parked')
        cross join lateral (${waits} offset 0) g
        where not exists (select 1 from ${schema}.pending_events c
                          where c.workflow_id::text = g.workflow_id::text and c.kind = 'cancel'
                            and c.event_name = g.seq::text and c.idempotency_key = 'cancel'
                          offset 0)
      )""";

  private static final String WAKE =
      """
      with ${clock}, ${open}, woken as (
        ${wake}
        where e.id in (select o.workflow_id from open o) and e.status = 'waiting'
        returning e.id, e.queue
      )
      select o.seq,
             case ${hint}
      from open o left join woken w on w.id = o.workflow_id
      """
          .replace("${wake}", SignalSql.WAKE)
          .replace("${hint}", SignalSql.hint("w.queue", "o.status", "o.workflow_id"))
          .replace("${open}", OPEN);

  private static final String CANCEL =
      """
      with ${clock}, ${open}
      insert into ${schema}.pending_events
        (workflow_id, id, kind, event_name, idempotency_key, status, inserted_at)
      select e.id, ${last} + pg_catalog.row_number() over (order by o.seq), 'cancel',
             o.seq::text, 'cancel', 'pending', ${time}
      from open o join ${schema}.workflow_executions e on e.id = o.workflow_id
      """
          .replace("${open}", OPEN)
          .replace("${last}", SignalSql.LAST);

  private static final StatementTemplate WAKE_FOR_CANCEL =
      new StatementTemplate("WaitStore.WAKE_FOR_CANCEL", WAKE.replace("${waits}", ONE));

  private static final StatementTemplate CANCEL_ONE =
      new StatementTemplate("WaitStore.CANCEL", CANCEL.replace("${waits}", ONE));

  private static final StatementTemplate WAKE_FOR_CANCEL_ALL =
      new StatementTemplate("WaitStore.WAKE_FOR_CANCEL_ALL", WAKE.replace("${waits}", ALL));

  private static final StatementTemplate CANCEL_ALL =
      new StatementTemplate("WaitStore.CANCEL_ALL", CANCEL.replace("${waits}", ALL));

  /**
   * Ends a wait whose time is up, unless a signal that decides it has been sent: from here on
   * nothing can be delivered to it, and its question is closed. A wait that is gone was expired by
   * an earlier try.
   */
  private static final StatementTemplate EXPIRE =
      new StatementTemplate(
          "WaitStore.EXPIRE",
          """
          with ${clock}, due as (
            select s.workflow_id, s.seq, s.wake_at <= ${time} as now
            from ${schema}.step_executions s
            join ${schema}.workflow_executions e
              on e.id = s.workflow_id and e.lock_token = ?::bigint and ${owned}
            where s.workflow_id = ?::uuid and s.seq = ?::int
          ), decided as (
            select exists (select 1 from due d where ${decided}) as yes
          ), closed as (
            delete from ${schema}.wait_groups g
            where ${g} = any (array(
              select ${d} from due d, decided where d.now and not decided.yes))
          ), unanswered as (
            update ${schema}.pending_inputs i set status = 'timeout', completed_at = ${time}
            where ${unanswered} and i.id = any (array(
              select q.id from due d cross join decided cross join lateral (${question}) q
              where d.now and not decided.yes))
          )
          select case when decided.yes then 'DECIDED' when due.now then 'EXPIRED'
                      else 'NOT_DUE' end::name
          from due, decided
          """
              .replace("${g}", SignalSql.waitOf("g"))
              .replace("${d}", SignalSql.waitOf("d"))
              .replace("${question}", SignalSql.questionOf("d.workflow_id", "d.seq"))
              .replace("${unanswered}", SignalSql.UNANSWERED)
              .replace("${decided}", SignalSql.DECIDED));

  private static final StatementTemplate LIST =
      new StatementTemplate(
          "WaitStore.LIST",
          """
          select g.path, g.mode,
                 pg_catalog.array_agg(g.kind || ':' || g.event_name order by g.place) as signals,
                 g.opened_at,
                 (select s.wake_at from ${schema}.step_executions s
                  where s.workflow_id = g.workflow_id and s.seq = g.seq) as wake_at
          from ${schema}.wait_groups g
          where g.workflow_id = ?::uuid
          group by g.workflow_id, g.seq, g.path, g.mode, g.opened_at
          order by g.seq
          """);

  private static final StatementTemplate UNTIL_DUE =
      new StatementTemplate(
          "WaitStore.UNTIL_DUE",
          """
          with ${clock}
          select (extract(epoch from s.wake_at - ${time}) * 1000000::numeric)::bigint
          from ${schema}.step_executions s where s.workflow_id = ?::uuid and s.seq = ?::int
          """);

  public static final List<StatementTemplate> STATEMENTS =
      List.of(
          WAKE_FOR_CANCEL, CANCEL_ONE, WAKE_FOR_CANCEL_ALL, CANCEL_ALL, EXPIRE, LIST, UNTIL_DUE);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; its hint sender reports the executions whose waits are cancelled
   * @param schema whose tables
   */
  public WaitStore(Database database, Schema schema) {
    this.database = database.byKey();
    this.schema = schema;
  }

  /**
   * Cancels open waits.
   *
   * @param path the path of the wait, or null for all
   * @return the number of waits
   */
  public int cancel(UUID execution, @Nullable String path) {
    AtomicInteger count = new AtomicInteger();
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(schema.of(SignalSql.LOCK), bind -> bind.uuid(execution))
        .add(
            schema.of(path == null ? WAKE_FOR_CANCEL_ALL : WAKE_FOR_CANCEL),
            bind -> bind.now().uuid(execution).text(path),
            rows -> {
              count.set(0);
              while (rows.next()) {
                count.incrementAndGet();
                pipeline.hint(rows.getString(2));
              }
            })
        .add(
            schema.of(path == null ? CANCEL_ALL : CANCEL_ONE),
            bind -> bind.now().uuid(execution).text(path))
        .execute(database, "cancel waits of execution " + execution);
    return count.get();
  }

  /** The state of a wait whose time may be up. */
  public enum Expiry {
    /** It is over: nothing more is delivered to it. */
    EXPIRED,
    /** A signal that decides it was sent in time. */
    DECIDED,
    /** Its time is not up, by the database's clock. */
    NOT_DUE,
    /** The execution has another owner, or none. */
    FENCED
  }

  /** Ends a wait whose time is up. */
  public Expiry expire(Ownership owner, int seq) {
    AtomicReference<Expiry> expiry = new AtomicReference<>(Expiry.FENCED);
    new Pipeline()
        .add(schema.of(SignalSql.LOCK), bind -> bind.uuid(owner.id()))
        .add(
            schema.of(EXPIRE),
            bind -> bind.now().number(owner.token()).uuid(owner.id()).number(seq),
            row -> {
              if (row.next()) {
                expiry.set(Expiry.valueOf(row.getString(1)));
              }
            })
        .execute(database, "end a wait of execution " + owner.id());
    return expiry.get();
  }

  /** The open waits of an execution. */
  public List<OpenWait> list(UUID execution) {
    return database.query(
        "list the waits of execution " + execution,
        schema.of(LIST),
        bind -> bind.uuid(execution),
        Answer.all(row -> openWait(execution, row)));
  }

  private static OpenWait openWait(UUID execution, ResultSet row) throws SQLException {
    return new OpenWait(
        execution,
        row.getString("path"),
        row.getString("mode").equals("all"),
        RowReader.texts(row, "signals"),
        RowReader.requiredTime(row, "opened_at"),
        RowReader.time(row, "wake_at"));
  }

  /** The time until a wait is due by the database's clock, in microseconds. */
  public long microsUntilDue(UUID execution, int seq) {
    return database.query(
        "ask when a wait of execution " + execution + " is due",
        schema.of(UNTIL_DUE),
        bind -> bind.now().uuid(execution).number(seq),
        row -> row.next() ? row.getLong(1) : 0L);
  }
}
