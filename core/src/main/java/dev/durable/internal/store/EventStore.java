package dev.durable.internal.store;

import dev.durable.wait.OpenWait;
import dev.durable.wait.UnreadEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The mailbox of executions, and what they wait for. */
public final class EventStore {

  private static final String EVENT = "event";

  /**
   * An event counts as delivered if a wait for it is open that no earlier event decides. An
   * execution that has gone to rest is due at once, if that wait is over now; whoever owns it is
   * told.
   */
  private static final Template DELIVER =
      new Template(
          "EventStore.DELIVER",
          """
          with ${clock}, new as (
            select ?::uuid as id, ?::text as kind, ?::text as name, ?::text as once
          ), target as (
            select e.id, e.status, ${late} as late
            from ${schema}.workflow_executions e join new on e.id = new.id
          ), before as (
            select pg_catalog.count(*) as events,
                   exists (select 1 from ${schema}.pending_events d join new
                            on d.workflow_id = new.id and d.kind = new.kind
                            and d.event_name = new.name and d.idempotency_key = new.once)
                     as duplicate
            from ${schema}.pending_events p join new on p.workflow_id = new.id
             and p.kind = new.kind and p.event_name = new.name
            where p.status = 'pending'
          ), awaited as (
            select pg_catalog.count(*) as waits,
                   coalesce(pg_catalog.bool_or(g.mode = 'any' or not exists (
                     select 1 from pg_catalog.unnest(g.signals) as missing(signal)
                     where missing.signal <> new.kind || ':' || new.name and not exists (
                       select 1 from ${schema}.pending_events o
                       where o.workflow_id = new.id and o.status = 'pending'
                         and o.kind || ':' || o.event_name = missing.signal))), false) as decided
            from ${schema}.wait_groups g join new on g.workflow_id = new.id
            join ${schema}.step_executions s on s.workflow_id = g.workflow_id and s.seq = g.seq
             and coalesce(s.wake_at > ${time}, true)
            where g.signals operator(pg_catalog.@>) array[new.kind || ':' || new.name]
          ), woken as (
            update ${schema}.workflow_executions e set wake_at = ${time}, updated_at = ${time}
            from target, before, awaited
            where e.id = target.id and e.status = 'waiting' and not before.duplicate
              and not target.late
              and awaited.waits > before.events and awaited.decided
            returning e.queue
          )
          select case when target.id is null then 'not_found'
                      when before.duplicate then 'duplicate'
                      when target.late
                        or target.status not in ('pending', 'running', 'waiting', 'parked')
                        then 'closed'
                      when target.status = 'waiting' and awaited.waits > before.events
                        then 'delivered'
                      else 'buffered' end::name,
                 case when before.duplicate then null
                      when woken.queue is not null then 'q' || woken.queue
                      when target.status = 'running' then 'e' || target.id::text end
          from before cross join awaited left join target on true left join woken on true
          """
              .replace("${late}", Mailbox.LATE));

  /** What was sent before under its idempotency key is not sent again. */
  private static final Template SEND =
      new Template(
          "EventStore.SEND",
          """
          with ${clock}
          insert into ${schema}.pending_events
            (workflow_id, id, kind, event_name, payload, idempotency_key, status, inserted_at)
          select e.id, ${last} + 1::bigint, ?::text, ?::text, ?::json, ?::text, 'pending', ${time}
          from ${schema}.workflow_executions e
          where e.id = ?::uuid and e.status in ('pending', 'running', 'waiting', 'parked')
            and not ${late}
          on conflict (workflow_id, kind, event_name, idempotency_key)
            where idempotency_key is not null do nothing
          """
              .replace("${last}", Mailbox.LAST)
              .replace("${late}", Mailbox.LATE));

  private static final String OPEN =
      """
      select g.workflow_id, g.seq, e.status
      from ${schema}.wait_groups g
      join ${schema}.workflow_executions e on e.id = g.workflow_id
      where g.workflow_id = ?::uuid and (?::text is null or g.path = ?::text)
        and e.status in ('pending', 'running', 'waiting', 'parked')
        and not exists (select 1 from ${schema}.pending_events c
                        where c.workflow_id = g.workflow_id and c.kind = 'cancel'
                          and c.event_name = g.seq::text)""";

  private static final Template WAKE_FOR_CANCEL =
      new Template(
          "EventStore.WAKE_FOR_CANCEL",
          """
          with ${clock}, open as (
            ${open}
          ), woken as (
            update ${schema}.workflow_executions e set wake_at = ${time}, updated_at = ${time}
            where e.id in (select o.workflow_id from open o) and e.status = 'waiting'
            returning e.id, e.queue
          )
          select o.seq,
                 case when w.queue is not null then 'q' || w.queue
                      when o.status = 'running' then 'e' || o.workflow_id::text end
          from open o left join woken w on w.id = o.workflow_id
          """
              .replace("${open}", OPEN));

  private static final Template CANCEL_WAITS =
      new Template(
          "EventStore.CANCEL_WAITS",
          """
          with ${clock}, open as (
            ${open}
          )
          insert into ${schema}.pending_events
            (workflow_id, id, kind, event_name, idempotency_key, status, inserted_at)
          select e.id, ${last} + pg_catalog.row_number() over (order by o.seq), 'cancel',
                 o.seq::text, 'cancel', 'pending', ${time}
          from open o join ${schema}.workflow_executions e on e.id = o.workflow_id
          """
              .replace("${open}", OPEN)
              .replace("${last}", Mailbox.LAST));

  /**
   * A wait whose time is up is over, unless something that decides it has been sent: from here on
   * nothing can be delivered to it, and its question is closed. What was sent later than that does
   * not count, whenever a worker comes to look. One that is gone has been there already.
   */
  private static final Template EXPIRE =
      new Template(
          "EventStore.EXPIRE",
          """
          with ${clock}, due as (
            select s.workflow_id, s.seq, s.wake_at, s.wake_at <= ${time} as now
            from ${schema}.step_executions s
            join ${schema}.workflow_executions e
              on e.id = s.workflow_id and e.lock_token = ?::bigint and ${owned}
            where s.workflow_id = ?::uuid and s.seq = ?::int
          ), decided as (
            select exists (
              select 1
              from due d
              join ${schema}.wait_groups g on g.workflow_id = d.workflow_id and g.seq = d.seq
              where ${decided}) as yes
          ), closed as (
            delete from ${schema}.wait_groups g using due d, decided
            where g.workflow_id = d.workflow_id and g.seq = d.seq and d.now and not decided.yes
          ), unanswered as (
            update ${schema}.pending_inputs i set status = 'timeout', completed_at = ${time}
            from due d, decided
            where i.workflow_id = d.workflow_id and i.seq = d.seq and i.status = 'pending'
              and d.now and not decided.yes
          )
          select case when decided.yes then 'DECIDED' when due.now then 'EXPIRED'
                      else 'NOT_DUE' end::name
          from due, decided
          """
              .replace("${decided}", Mailbox.decidedBefore("d.wake_at")));

  private static final Template MAILBOX =
      new Template(
          "EventStore.MAILBOX",
          """
          select workflow_id, id, kind || ':' || event_name, payload from ${schema}.pending_events
          where workflow_id = any (?::uuid[]) and status = 'pending'
          order by workflow_id, id
          """);

  private static final Template WAITS =
      new Template(
          "EventStore.WAITS",
          """
          select g.path, g.mode, g.signals, g.opened_at, s.wake_at
          from ${schema}.wait_groups g
          join ${schema}.step_executions s on s.workflow_id = g.workflow_id and s.seq = g.seq
          where g.workflow_id = ?::uuid order by g.seq
          """);

  private static final Template UNREAD =
      new Template(
          "EventStore.UNREAD",
          """
          select event_name, payload, idempotency_key, inserted_at
          from ${schema}.pending_events
          where workflow_id = ?::uuid and kind = 'event' and status = 'pending'
          order by id limit 1000
          """);

  private static final Template UNTIL_DUE =
      new Template(
          "EventStore.UNTIL_DUE",
          """
          with ${clock}
          select (extract(epoch from s.wake_at - ${time}) * 1000000::numeric)::bigint
          from ${schema}.step_executions s where s.workflow_id = ?::uuid and s.seq = ?::int
          """);

  static final List<Template> STATEMENTS =
      List.of(
          Mailbox.LOCK,
          DELIVER,
          SEND,
          WAKE_FOR_CANCEL,
          CANCEL_WAITS,
          EXPIRE,
          MAILBOX,
          WAITS,
          UNREAD,
          UNTIL_DUE);

  private final Database database;
  private final Sql sql;

  /**
   * @param database where; those whom what is sent concerns are told through it
   * @param sql where the tables are
   */
  public EventStore(Database database, Sql sql) {
    this.database = database;
    this.sql = sql;
  }

  /**
   * Something in the mailbox that nothing has received yet.
   *
   * @param id its place
   * @param signal what it is: the kind, a colon, the name
   * @param payload JSON, or null
   */
  public record Signal(long id, String signal, @Nullable String payload) {}

  /**
   * What is sent.
   *
   * @param execution to whom
   * @param name the event's name
   * @param payload JSON
   * @param once the idempotency key, or null
   */
  public record Message(UUID execution, String name, String payload, @Nullable String once) {}

  /** Sends an event; the answer is the name of a delivery. */
  public String send(Message message) {
    AtomicReference<String> answer = new AtomicReference<>("");
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(sql.of(Mailbox.LOCK), bind -> bind.uuid(message.execution()))
        .add(
            sql.of(DELIVER),
            bind ->
                bind.now()
                    .uuid(message.execution())
                    .text(EVENT)
                    .text(message.name())
                    .text(message.once()),
            row -> {
              row.next();
              answer.set(row.getString(1));
              pipeline.tell(row.getString(2));
            })
        .add(
            sql.of(SEND),
            bind ->
                bind.now()
                    .text(EVENT)
                    .text(message.name())
                    .text(message.payload())
                    .text(message.once())
                    .uuid(message.execution()))
        .execute(database, "send an event to execution " + message.execution());
    return answer.get();
  }

  /**
   * Cancels open waits.
   *
   * @param path which one, or null for all
   * @return how many
   */
  public int cancelWaits(UUID execution, @Nullable String path) {
    AtomicInteger count = new AtomicInteger();
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(sql.of(Mailbox.LOCK), bind -> bind.uuid(execution))
        .add(
            sql.of(WAKE_FOR_CANCEL),
            bind -> bind.now().uuid(execution).text(path).text(path),
            rows -> {
              count.set(0);
              while (rows.next()) {
                count.incrementAndGet();
                pipeline.tell(rows.getString(2));
              }
            })
        .add(sql.of(CANCEL_WAITS), bind -> bind.now().uuid(execution).text(path).text(path))
        .execute(database, "cancel waits of execution " + execution);
    return count.get();
  }

  /** What has become of a wait whose time may be up. */
  public enum Expiry {
    /** It is over: nothing more is delivered to it. */
    EXPIRED,
    /** Something that decides it has been sent in time. */
    DECIDED,
    /** Its time is not up, by the database's clock. */
    NOT_DUE,
    /** The execution belongs to somebody else. */
    FENCED
  }

  /** Ends a wait whose time is up. */
  public Expiry expire(Identified owner, int seq) {
    AtomicReference<Expiry> expiry = new AtomicReference<>(Expiry.FENCED);
    Pipeline pipeline =
        new Pipeline()
            .add(sql.of(Mailbox.LOCK), bind -> bind.uuid(owner.id()))
            .add(
                sql.of(EXPIRE),
                bind -> bind.now().number(owner.token()).uuid(owner.id()).number(seq),
                row -> {
                  if (row.next()) {
                    expiry.set(Expiry.valueOf(row.getString(1)));
                  }
                });
    pipeline.execute(database, "end a wait of execution " + owner.id());
    return expiry.get();
  }

  /** What is in the mailbox of each of these executions, in order; those without are left out. */
  public Map<UUID, List<Signal>> mailbox(Collection<UUID> executions) {
    return database.ask(
        "read what was sent to executions",
        sql.of(MAILBOX),
        bind -> bind.uuids(List.copyOf(executions), id -> id),
        EventStore::signals);
  }

  /** What an execution waits for. */
  public List<OpenWait> waits(UUID execution) {
    return database.ask(
        "list the waits of execution " + execution,
        sql.of(WAITS),
        bind -> bind.uuid(execution),
        rows -> {
          List<OpenWait> waits = new ArrayList<>();
          while (rows.next()) {
            waits.add(openWait(execution, rows));
          }
          return waits;
        });
  }

  /** The events that an execution has not received, the first ones. */
  public List<UnreadEvent> unread(UUID execution) {
    return database.ask(
        "list the unread events of execution " + execution,
        sql.of(UNREAD),
        bind -> bind.uuid(execution),
        row -> {
          List<UnreadEvent> unread = new ArrayList<>();
          while (row.next()) {
            unread.add(
                new UnreadEvent(
                    execution,
                    row.getString("event_name"),
                    row.getString("payload"),
                    row.getString("idempotency_key"),
                    Rows.requiredTime(row, "inserted_at")));
          }
          return unread;
        });
  }

  private static OpenWait openWait(UUID execution, ResultSet row) throws SQLException {
    return new OpenWait(
        execution,
        row.getString("path"),
        row.getString("mode").equals("all"),
        List.of((String[]) row.getArray("signals").getArray()),
        Rows.requiredTime(row, "opened_at"),
        Rows.time(row, "wake_at"));
  }

  /** The statement that reads mailboxes, for those who send it together with others. */
  static String mailbox(Sql sql) {
    return sql.of(MAILBOX);
  }

  static Map<UUID, List<Signal>> signals(ResultSet rows) throws SQLException {
    Map<UUID, List<Signal>> mailboxes = new HashMap<>();
    while (rows.next()) {
      mailboxes
          .computeIfAbsent(rows.getObject(1, UUID.class), id -> new ArrayList<>())
          .add(new Signal(rows.getLong(2), rows.getString(3), rows.getString(4)));
    }
    return mailboxes;
  }

  /** How long until a row of history is due by the database's clock, in microseconds. */
  public long microsUntilDue(UUID execution, int seq) {
    return database.ask(
        "ask when a wait of execution " + execution + " is due",
        sql.of(UNTIL_DUE),
        bind -> bind.now().uuid(execution).number(seq),
        row -> row.next() ? row.getLong(1) : 0L);
  }
}
