package dev.durable.internal.store.client;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.SignalSql;
import dev.durable.wait.UnreadEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Mailboxes: sends events to executions, and reads what has been sent. */
public final class MailboxStore {

  /** The place before the first signal: all of the mailbox is read. */
  public static final long ALL = -1;

  private static final String EVENT = "event";

  /**
   * The wait that gets an event: the next one after those that earlier events were sent to, which
   * are served in their order. Null if none is left, also where an earlier event, for which no wait
   * was open when it came, is one of the events of such a wait. The lookup follows the order of the
   * key: with a condition on seq alone, PostgreSQL reads all waits of the execution.
   */
  private static final String NEXT_WAIT =
      """
      (select case when (g.kind, g.event_name) = (${kind}, ${name}) then g.seq end
       from ${schema}.wait_groups g
       where g.workflow_id = ${id}
         and (g.kind, g.event_name, g.seq) > (${kind}, ${name}, coalesce((${last}), -1))
         and ${open}
       order by g.kind, g.event_name, g.seq limit 1)"""
          .replace("${open}", SignalSql.OPEN)
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
   * Counts an event as delivered if a wait for it is open that no earlier event decides. A waiting
   * execution is due at once if the event decides that wait; the owner of a running one gets a
   * hint.
   */
  private static final StatementTemplate DELIVER =
      new StatementTemplate(
          "MailboxStore.DELIVER",
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
            ${wake}
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
                      ${hint}
          from before cross join awaited left join target on true left join woken on true
          """
              .replace("${wake}", SignalSql.WAKE)
              .replace("${hint}", SignalSql.hint("woken.queue", "target.status", "target.id"))
              .replace("${next}", of(NEXT_WAIT, "new.id", "new.kind", "new.name"))
              .replace("${open}", SignalSql.OPEN)
              .replace("${decisive}", SignalSql.NEWLY_DECISIVE)
              .replace("${late}", SignalSql.LATE));

  /** An event whose idempotency key has been used before is not sent again. */
  private static final StatementTemplate SEND =
      new StatementTemplate(
          "MailboxStore.SEND",
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
              .replace("${last}", SignalSql.LAST)
              .replace("${next}", of(NEXT_WAIT, "e.id", "new.kind", "new.name"))
              .replace("${before}", of(lastPending("p.wait_seq"), "e.id", "new.kind", "new.name"))
              .replace("${late}", SignalSql.LATE));

  /**
   * Reads unread signals in the order of their index: a scan in that order marks entries of
   * received signals as dead, so that later scans skip them; a bitmap scan does not.
   */
  private static final StatementTemplate MAILBOX =
      new StatementTemplate(
          "MailboxStore.MAILBOX",
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
   * Reads the signals behind a place: a condition on the status would invite the index of all that
   * is unread.
   */
  private static final StatementTemplate NEWS =
      new StatementTemplate(
          "MailboxStore.NEWS",
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

  private static final StatementTemplate UNREAD =
      new StatementTemplate(
          "MailboxStore.UNREAD",
          """
          select event_name, payload, idempotency_key, inserted_at
          from ${schema}.pending_events
          where workflow_id::text = ?::uuid::text and kind = 'event' and status = 'pending'
          order by id limit 1000
          """);

  public static final List<StatementTemplate> STATEMENTS =
      List.of(SignalSql.LOCK, DELIVER, SEND, MAILBOX, NEWS, UNREAD);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; its hint sender reports what is sent
   * @param schema whose tables
   */
  public MailboxStore(Database database, Schema schema) {
    this.database = database.byKey();
    this.schema = schema;
  }

  /**
   * An entry of a mailbox that no wait has received yet.
   *
   * @param id its place
   * @param signal its kind, a colon, its name
   * @param payload JSON, or null
   */
  public record Signal(long id, String signal, @Nullable String payload) {}

  /**
   * An event for an execution.
   *
   * @param execution the receiver
   * @param name the event's name
   * @param payload JSON
   * @param once the idempotency key, or null
   */
  public record Message(UUID execution, String name, String payload, @Nullable String once) {}

  /** Sends an event; returns the name of a {@code Delivery}. */
  public String send(Message message) {
    AtomicReference<String> answer = new AtomicReference<>("");
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(schema.of(SignalSql.LOCK), bind -> bind.uuid(message.execution()))
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
              pipeline.hint(row.getString(2));
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
   * The signals that were sent to executions since their mailboxes were read last, in order;
   * executions without any are left out.
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
      news.putAll(read(MAILBOX, bind -> bind.uuids(unknown, id -> id)));
    }
    if (!known.isEmpty()) {
      news.putAll(
          read(
              NEWS,
              bind -> bind.uuids(known, Map.Entry::getKey).longs(known, Map.Entry::getValue)));
    }
    return news;
  }

  private Map<UUID, List<Signal>> read(StatementTemplate template, Parameters.Binding binding) {
    return database.query(
        "read what was sent to executions", schema.of(template), binding, MailboxStore::signals);
  }

  /** The first events that an execution has not received. */
  public List<UnreadEvent> unread(UUID execution) {
    return database.query(
        "list the unread events of execution " + execution,
        schema.of(UNREAD),
        bind -> bind.uuid(execution),
        Answer.all(
            row ->
                new UnreadEvent(
                    execution,
                    row.getString("event_name"),
                    row.getString("payload"),
                    row.getString("idempotency_key"),
                    RowReader.requiredTime(row, "inserted_at"))));
  }

  /** The statement that reads mailboxes, to be sent together with others. */
  public static String mailbox(Schema schema) {
    return schema.of(MAILBOX);
  }

  public static Map<UUID, List<Signal>> signals(ResultSet rows) throws SQLException {
    Map<UUID, List<Signal>> mailboxes = new HashMap<>();
    while (rows.next()) {
      mailboxes
          .computeIfAbsent(rows.getObject(1, UUID.class), id -> new ArrayList<>())
          .add(new Signal(rows.getLong(2), rows.getString(3), rows.getString(4)));
    }
    return mailboxes;
  }
}
