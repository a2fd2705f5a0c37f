package dev.durable.internal.store;

import dev.durable.wait.OpenWait;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The mailbox of executions, and what they wait for. */
public final class EventStore {

  /**
   * An event counts as delivered if a wait for it is open that no earlier event decides. An
   * execution that has gone to rest is due at once, if that wait is over now; whoever owns it is
   * told.
   */
  private static final String SEND =
      """
      with new as (
        select ?::uuid as id, ?::text as kind, ?::text as name, ?::jsonb as payload, ?::text as once
      ), target as (
        select e.id, e.status from ${schema}.workflow_executions e join new on e.id = new.id
      ), before as (
        select count(*) as events,
               exists (select 1 from ${schema}.pending_events d join new on d.workflow_id = new.id
                        and d.kind = new.kind and d.event_name = new.name
                        and d.idempotency_key = new.once) as duplicate
        from ${schema}.pending_events p join new on p.workflow_id = new.id
         and p.kind = new.kind and p.event_name = new.name
        where p.status = 'pending'
      ), awaited as (
        select count(*) as waits,
               coalesce(bool_or(g.mode = 'any' or not exists (
                 select 1 from unnest(g.signals) as missing(signal)
                 where missing.signal <> new.kind || ':' || new.name and not exists (
                   select 1 from ${schema}.pending_events o
                   where o.workflow_id = new.id and o.status = 'pending'
                     and o.kind || ':' || o.event_name = missing.signal))), false) as decided
        from ${schema}.wait_groups g join new on g.workflow_id = new.id
        where g.signals @> array[new.kind || ':' || new.name]
      ), sent as (
        insert into ${schema}.pending_events
          (workflow_id, kind, event_name, payload, idempotency_key, status, inserted_at)
        select new.id, new.kind, new.name, new.payload, new.once, 'pending', ${now}
        from new, target, before
        where not before.duplicate
          and target.status in ('pending', 'running', 'waiting', 'parked')
        returning workflow_id
      ), woken as (
        update ${schema}.workflow_executions e set wake_at = ${now}, updated_at = ${now}
        from sent, before, awaited
        where e.id = sent.workflow_id and e.status = 'waiting'
          and awaited.waits > before.events and awaited.decided
        returning e.queue
      )
      select case when target.id is null then 'not_found'
                  when before.duplicate then 'duplicate'
                  when sent.workflow_id is null then 'closed'
                  when target.status = 'waiting' and awaited.waits > before.events then 'delivered'
                  else 'buffered' end::name,
             (select count(pg_notify(?, h.hint)) from (
                select 'q' || queue as hint from woken
                union all select 'e' || sent.workflow_id where target.status = 'running') h
              where ?)
      from before cross join awaited left join target on true left join sent on true
      """;

  private static final String CANCEL_WAITS =
      """
      with open as (
        select g.workflow_id, g.seq from ${schema}.wait_groups g
        join ${schema}.workflow_executions e on e.id = g.workflow_id
        where g.workflow_id = ? and (?::text is null or g.path = ?)
          and e.status in ('pending', 'running', 'waiting', 'parked')
      ), sent as (
        insert into ${schema}.pending_events
          (workflow_id, kind, event_name, idempotency_key, status, inserted_at)
        select workflow_id, 'cancel', seq::text, 'cancel', 'pending', ${now} from open
        on conflict do nothing
        returning workflow_id
      ), woken as (
        update ${schema}.workflow_executions e set wake_at = ${now}, updated_at = ${now}
        from (select distinct workflow_id from sent) s
        where e.id = s.workflow_id and e.status = 'waiting'
        returning e.queue
      )
      select (select count(*) from sent),
             (select count(pg_notify(?, h.hint)) from (
                select 'q' || queue as hint from woken
                union all select distinct 'e' || workflow_id from sent) h
              where ?)
      """;

  /**
   * A wait whose time is up is over, unless something that decides it has been sent: from here on
   * nothing can be delivered to it, and its question is closed. One that is gone has been there
   * already.
   */
  private static final String EXPIRE =
      """
      with due as (
        select s.workflow_id, s.seq, s.wake_at <= ${now} as now
        from ${schema}.step_executions s
        join ${schema}.workflow_executions e
          on e.id = s.workflow_id and e.lock_token = ? and ${owned}
        where s.workflow_id = ? and s.seq = ?
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
        update ${schema}.pending_inputs i set status = 'timeout', completed_at = ${now}
        from due d, decided
        where i.workflow_id = d.workflow_id and i.seq = d.seq and i.status = 'pending'
          and d.now and not decided.yes
      )
      select case when decided.yes then 'DECIDED' when due.now then 'EXPIRED' else 'NOT_DUE' end::name
      from due, decided
      """
          .replace("${decided}", WaitStatement.DECIDED);

  private static final String MAILBOX =
      """
      select workflow_id, id, kind || ':' || event_name, payload from ${schema}.pending_events
      where workflow_id = any (?::uuid[]) and status = 'pending'
      order by workflow_id, id
      """;

  private static final String WAITS =
      """
      select g.path, g.mode, g.signals, g.opened_at, s.wake_at
      from ${schema}.wait_groups g
      join ${schema}.step_executions s on s.workflow_id = g.workflow_id and s.seq = g.seq
      where g.workflow_id = ? order by g.seq
      """;

  private static final String UNTIL_DUE =
      """
      select (extract(epoch from wake_at - ${now}) * 1000000)::bigint
      from ${schema}.step_executions where workflow_id = ? and seq = ?
      """;

  private final Database database;
  private final Sql sql;
  private final boolean notifications;

  /**
   * @param database where
   * @param sql where the tables are
   * @param notifications whether what is sent is announced
   */
  public EventStore(Database database, Sql sql, boolean notifications) {
    this.database = database;
    this.sql = sql;
    this.notifications = notifications;
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
    Pipeline pipeline =
        new Pipeline()
            .add(sql.of(WaitStatement.LOCK_ONE), bind -> bind.uuid(message.execution()))
            .add(
                sql.of(SEND),
                bind -> bindSend(bind, "event", message),
                row -> {
                  row.next();
                  answer.set(row.getString(1));
                });
    pipeline.execute(database, "send an event to execution " + message.execution());
    return answer.get();
  }

  private void bindSend(Bind bind, String kind, Message message) throws SQLException {
    bind.uuid(message.execution())
        .text(kind)
        .text(message.name())
        .text(message.payload())
        .text(message.once())
        .text(sql.channel())
        .flag(notifications);
  }

  /**
   * Cancels open waits.
   *
   * @param path which one, or null for all
   * @return how many
   */
  public int cancelWaits(UUID execution, @Nullable String path) {
    AtomicReference<Integer> count = new AtomicReference<>(0);
    Pipeline pipeline =
        new Pipeline()
            .add(sql.of(WaitStatement.LOCK_ONE), bind -> bind.uuid(execution))
            .add(
                sql.of(CANCEL_WAITS),
                bind ->
                    bind.uuid(execution)
                        .text(path)
                        .text(path)
                        .text(sql.channel())
                        .flag(notifications),
                row -> {
                  row.next();
                  count.set(row.getInt(1));
                });
    pipeline.execute(database, "cancel waits of execution " + execution);
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
            .add(sql.of(WaitStatement.LOCK_ONE), bind -> bind.uuid(owner.id()))
            .add(
                sql.of(EXPIRE),
                bind -> bind.number(owner.token()).uuid(owner.id()).number(seq),
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
    return database.call(
        "read what was sent to executions",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(MAILBOX))) {
            new Bind(connection, statement).uuids(List.copyOf(executions), id -> id);
            try (ResultSet rows = statement.executeQuery()) {
              return signals(rows);
            }
          }
        });
  }

  /** What an execution waits for. */
  public List<OpenWait> waits(UUID execution) {
    return database.call(
        "list the waits of execution " + execution,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(WAITS))) {
            new Bind(connection, statement).uuid(execution);
            try (ResultSet rows = statement.executeQuery()) {
              List<OpenWait> waits = new ArrayList<>();
              while (rows.next()) {
                waits.add(
                    new OpenWait(
                        execution,
                        rows.getString("path"),
                        rows.getString("mode").equals("all"),
                        List.of((String[]) rows.getArray("signals").getArray()),
                        Rows.requiredTime(rows, "opened_at"),
                        Rows.time(rows, "wake_at")));
              }
              return waits;
            }
          }
        });
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
    return database.call(
        "ask when a wait of execution " + execution + " is due",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(UNTIL_DUE))) {
            new Bind(connection, statement).uuid(execution).number(seq);
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? row.getLong(1) : 0L;
            }
          }
        });
  }
}
