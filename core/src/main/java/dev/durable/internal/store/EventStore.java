package dev.durable.internal.store;

import dev.durable.wait.OpenWait;
import dev.durable.wait.UnreadEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The mailbox of executions, and what they wait for. */
public final class EventStore {

  /** Nothing is known of what was sent. */
  public static final long ALL = -1;

  private static final String EVENT = "event";

  /**
   * The wait that gets what is sent: the next one after those that earlier events were sent to,
   * which are served in their order. Null if none is left: also where an earlier event, for which
   * nothing waited when it came, is part of what such a wait waits for. Looked for in the order of
   * the key: by a condition on seq alone, PostgreSQL reads all waits of the execution.
   */
  private static final String NEXT_WAIT =
      """
      (select case when (g.kind, g.event_name) = (${kind}, ${name}) then g.seq end
       from ${schema}.wait_groups g
       where g.workflow_id = ${id}
         and (g.kind, g.event_name, g.seq) > (${kind}, ${name}, coalesce((${last}), -1))
         and ${open}
       order by g.kind, g.event_name, g.seq limit 1)"""
          .replace("${open}", Mailbox.OPEN)
          .replace("${last}", lastPending("coalesce(p.wait_seq, 2147483647)"));

  private static String lastPending(String column) {
    return """
        select ${column} from ${schema}.pending_events p
        where p.workflow_id::text = ${id}::text and p.kind = ${kind} and p.event_name = ${name}
          and p.status = 'pending'
        order by p.id desc limit 1"""
        .replace("${column}", column);
  }

  private static String of(String text, String id, String kind, String name) {
    return text.replace("${id}", id).replace("${kind}", kind).replace("${name}", name);
  }

  /**
   * An event counts as delivered if a wait for it is open that no earlier event decides. An
   * execution that has gone to rest is due at once, if that wait is over now; whoever owns it is
   * told.
   */
  private static final StatementTemplate DELIVER =
      new StatementTemplate(
          "EventStore.DELIVER",
          """
          with ${clock}, new as (
            select ?::uuid as id, ?::text as kind, ?::text as name, ?::text as once
          ), target as (
            select e.id, e.status, ${late} as late
            from ${schema}.workflow_executions e join new on e.id = new.id
          ), before as (
            select exists (select 1 from ${schema}.pending_events d
                           where d.workflow_id::text = new.id::text and d.kind = new.kind
                             and d.event_name = new.name and d.idempotency_key = new.once
                           offset 0) as duplicate
            from new
          ), awaited as (
            select pg_catalog.num_nonnulls(${next}) = 1 as free,
                   exists (select 1 from ${schema}.wait_groups g
                           where g.workflow_id = new.id and g.kind = new.kind
                             and g.event_name = new.name and ${open} and ${decisive}
                           offset 0) as decided
            from new
          ), woken as (
            update ${schema}.workflow_executions e set wake_at = ${time}, updated_at = ${time}
            from target, before, awaited
            where e.id = (select new.id from new) and e.status = 'waiting'
              and not before.duplicate and not target.late and awaited.decided
              and coalesce(e.wake_at > ${time}, true)
            returning e.queue
          )
          select case when target.id is null then 'not_found'
                      when before.duplicate then 'duplicate'
                      when target.late
                        or target.status not in ('pending', 'running', 'waiting', 'parked')
                        then 'closed'
                      when target.status = 'waiting' and awaited.free then 'delivered'
                      else 'buffered' end::name,
                 case when before.duplicate then null
                      when woken.queue is not null then 'q' || woken.queue
                      when target.status = 'running' then 'e' || target.id::text end
          from before cross join awaited left join target on true left join woken on true
          """
              .replace("${next}", of(NEXT_WAIT, "new.id", "new.kind", "new.name"))
              .replace("${open}", Mailbox.OPEN)
              .replace("${decisive}", Mailbox.NEWLY_DECISIVE)
              .replace("${late}", Mailbox.LATE));

  /** What was sent before under its idempotency key is not sent again. */
  private static final StatementTemplate SEND =
      new StatementTemplate(
          "EventStore.SEND",
          """
          with ${clock}, new as (
            select ?::text as kind, ?::text as name, ?::text as payload, ?::text as once
          )
          insert into ${schema}.pending_events
            (workflow_id, id, kind, event_name, payload, idempotency_key, status, inserted_at,
             wait_seq)
          select e.id, ${last} + 1::bigint, new.kind, new.name, new.payload::json, new.once,
                 'pending', ${time}, coalesce(${next}, (${before}))
          from ${schema}.workflow_executions e cross join new
          where e.id = ?::uuid and e.status in ('pending', 'running', 'waiting', 'parked')
            and not ${late}
          on conflict ((workflow_id::text), kind, event_name, idempotency_key)
            where idempotency_key is not null do nothing
          """
              .replace("${last}", Mailbox.LAST)
              .replace("${next}", of(NEXT_WAIT, "e.id", "new.kind", "new.name"))
              .replace("${before}", of(lastPending("p.wait_seq"), "e.id", "new.kind", "new.name"))
              .replace("${late}", Mailbox.LATE));

  private static final String OPEN =
      """
      select distinct g.workflow_id, g.seq, e.status
      from ${schema}.wait_groups g
      join ${schema}.workflow_executions e on e.id = g.workflow_id
      where g.workflow_id = ?::uuid and (?::text is null or g.path = ?::text)
        and e.status in ('pending', 'running', 'waiting', 'parked')
        and not exists (select 1 from ${schema}.pending_events c
                        where c.workflow_id::text = g.workflow_id::text and c.kind = 'cancel'
                          and c.event_name = g.seq::text and c.idempotency_key = 'cancel'
                        offset 0)""";

  private static final StatementTemplate WAKE_FOR_CANCEL =
      new StatementTemplate(
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

  private static final StatementTemplate CANCEL_WAITS =
      new StatementTemplate(
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
   * nothing can be delivered to it, and its question is closed. One that is gone has been there
   * already.
   */
  private static final StatementTemplate EXPIRE =
      new StatementTemplate(
          "EventStore.EXPIRE",
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
            from due d, decided
            where i.workflow_id = d.workflow_id and i.seq = d.seq and i.status = 'pending'
              and d.now and not decided.yes
          )
          select case when decided.yes then 'DECIDED' when due.now then 'EXPIRED'
                      else 'NOT_DUE' end::name
          from due, decided
          """
              .replace("${g}", Mailbox.waitOf("g"))
              .replace("${d}", Mailbox.waitOf("d"))
              .replace("${decided}", Mailbox.DECIDED));

  /**
   * Reads what is unread, in the order of its index: a scan in that order leaves out for good what
   * has been received, a bitmap of it does not.
   */
  private static final StatementTemplate MAILBOX =
      new StatementTemplate(
          "EventStore.MAILBOX",
          """
          select r.id, p.id, p.signal, p.payload
          from ${rows: id uuid} as r
          cross join lateral (
            select p.id, p.kind || ':' || p.event_name as signal, p.payload
            from ${schema}.pending_events p
            where p.workflow_id::text = r.id::text and p.status = 'pending'
            order by p.kind, p.event_name, p.id offset 0
          ) p
          order by r.id, p.id
          """);

  /**
   * Reads what has come since, by its place: a condition on the status would invite the index of
   * all that is unread.
   */
  private static final StatementTemplate NEWS =
      new StatementTemplate(
          "EventStore.NEWS",
          """
          select r.id, p.id, p.signal, p.payload
          from ${rows: id uuid, last bigint} as r
          cross join lateral (
            select p.id, p.kind || ':' || p.event_name as signal, p.payload, p.status
            from ${schema}.pending_events p
            where p.workflow_id = r.id and p.id > r.last
            order by p.id offset 0
          ) p
          where p.status = 'pending'
          order by r.id, p.id
          """);

  private static final StatementTemplate WAITS =
      new StatementTemplate(
          "EventStore.WAITS",
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

  private static final StatementTemplate UNREAD =
      new StatementTemplate(
          "EventStore.UNREAD",
          """
          select event_name, payload, idempotency_key, inserted_at
          from ${schema}.pending_events
          where workflow_id::text = ?::uuid::text and kind = 'event' and status = 'pending'
          order by id limit 1000
          """);

  private static final StatementTemplate UNTIL_DUE =
      new StatementTemplate(
          "EventStore.UNTIL_DUE",
          """
          with ${clock}
          select (extract(epoch from s.wake_at - ${time}) * 1000000::numeric)::bigint
          from ${schema}.step_executions s where s.workflow_id = ?::uuid and s.seq = ?::int
          """);

  static final List<StatementTemplate> STATEMENTS =
      List.of(
          Mailbox.LOCK,
          DELIVER,
          SEND,
          WAKE_FOR_CANCEL,
          CANCEL_WAITS,
          EXPIRE,
          MAILBOX,
          NEWS,
          WAITS,
          UNREAD,
          UNTIL_DUE);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; those whom what is sent concerns are told through it
   * @param schema where the tables are
   */
  public EventStore(Database database, Schema schema) {
    this.database = database.byKey();
    this.schema = schema;
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
        .add(schema.of(Mailbox.LOCK), bind -> bind.uuid(message.execution()))
        .add(
            schema.of(DELIVER),
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
            schema.of(SEND),
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
        .add(schema.of(Mailbox.LOCK), bind -> bind.uuid(execution))
        .add(
            schema.of(WAKE_FOR_CANCEL),
            bind -> bind.now().uuid(execution).text(path).text(path),
            rows -> {
              count.set(0);
              while (rows.next()) {
                count.incrementAndGet();
                pipeline.tell(rows.getString(2));
              }
            })
        .add(schema.of(CANCEL_WAITS), bind -> bind.now().uuid(execution).text(path).text(path))
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
  public Expiry expire(Ownership owner, int seq) {
    AtomicReference<Expiry> expiry = new AtomicReference<>(Expiry.FENCED);
    Pipeline pipeline =
        new Pipeline()
            .add(schema.of(Mailbox.LOCK), bind -> bind.uuid(owner.id()))
            .add(
                schema.of(EXPIRE),
                bind -> bind.now().number(owner.token()).uuid(owner.id()).number(seq),
                row -> {
                  if (row.next()) {
                    expiry.set(Expiry.valueOf(row.getString(1)));
                  }
                });
    pipeline.execute(database, "end a wait of execution " + owner.id());
    return expiry.get();
  }

  /**
   * What has come to executions since their mailboxes were read last, in order; those to which
   * nothing has come are left out.
   *
   * @param last the place of the last signal that is known of each execution, or {@link #ALL}
   */
  public Map<UUID, List<Signal>> news(Map<UUID, Long> last) {
    List<UUID> unknown =
        last.keySet().stream().filter(id -> Objects.equals(last.get(id), ALL)).toList();
    List<Map.Entry<UUID, Long>> known =
        last.entrySet().stream().filter(each -> each.getValue() != ALL).toList();
    Map<UUID, List<Signal>> news = new HashMap<>();
    if (!unknown.isEmpty()) {
      news.putAll(
          database.ask(
              "read what was sent to executions",
              schema.of(MAILBOX),
              bind -> bind.uuids(unknown, id -> id),
              EventStore::signals));
    }
    if (!known.isEmpty()) {
      news.putAll(
          database.ask(
              "read what was sent to executions",
              schema.of(NEWS),
              bind -> bind.uuids(known, Map.Entry::getKey).longs(known, Map.Entry::getValue),
              EventStore::signals));
    }
    return news;
  }

  /** What an execution waits for. */
  public List<OpenWait> waits(UUID execution) {
    return database.ask(
        "list the waits of execution " + execution,
        schema.of(WAITS),
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
        schema.of(UNREAD),
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
                    RowReader.requiredTime(row, "inserted_at")));
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
        RowReader.requiredTime(row, "opened_at"),
        RowReader.time(row, "wake_at"));
  }

  /** The statement that reads mailboxes, for those who send it together with others. */
  static String mailbox(Schema schema) {
    return schema.of(MAILBOX);
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
        schema.of(UNTIL_DUE),
        bind -> bind.now().uuid(execution).number(seq),
        row -> row.next() ? row.getLong(1) : 0L);
  }
}
