package dev.durable.internal.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * The statement that writes what entries change about waiting. It is sent before the entries'
 * statement, in one transaction with it, so that an execution which comes to rest sees its own
 * waits.
 */
final class WaitStatement {

  /**
   * Whoever sends something locks the same row first; an execution that ends sends something to its
   * parent. Sent by itself, because only the next statement sees what they committed while we
   * waited for the lock.
   */
  private static final String LOCK =
      """
      select count(*) from (
        select e.id
        from (
          select id from ${rows: id uuid} as o
          union
          select c.parent_workflow_id
          from ${rows: id uuid} as r join ${schema}.workflow_executions c on c.id = r.id
          order by 1
        ) o
        cross join lateral (
          select e.id from ${schema}.workflow_executions e where e.id = o.id for no key update
        ) e
      ) locked
      """;

  /** Whoever sends something to one execution, or ends one of its waits, does so first. */
  static final String LOCK_ONE =
      """
      select count(*) from (
        select 1 from ${schema}.workflow_executions where id = ? for no key update) locked
      """;

  /**
   * Whether what is in the mailbox decides the wait {@code g}: that it is cancelled, one of its
   * signals, or all of them.
   */
  static final String DECIDED =
      """
      exists (
        select 1 from ${schema}.pending_events p
        where p.workflow_id = g.workflow_id and p.status = 'pending'
          and (p.kind || ':' || p.event_name = 'cancel:' || g.seq
            or p.kind || ':' || p.event_name = any (g.signals)
              and (g.mode = 'any' or not exists (
                select 1 from unnest(g.signals) as missing(signal)
                where not exists (
                  select 1 from ${schema}.pending_events o
                  where o.workflow_id = g.workflow_id and o.status = 'pending'
                    and o.kind || ':' || o.event_name = missing.signal)))))""";

  private static final String CHANGE =
      """
      with owned as materialized (
        select e.id, e.priority
        from ${rows: id uuid, token bigint} as o
        join ${schema}.workflow_executions e
          on e.id = o.id and e.lock_token = o.token and ${owned}
      ), closed as (
        delete from ${schema}.wait_groups g
        using ${rows: id uuid, seq int} as c join owned using (id)
        where g.workflow_id = c.id and g.seq = c.seq
      ), unanswered as (
        update ${schema}.pending_inputs i set status = c.status, completed_at = ${now}
        from ${rows: id uuid, seq int, status text} as c join owned using (id)
        where i.workflow_id = c.id and i.seq = c.seq and i.status = 'pending'
      ), reassigned as (
        update ${schema}.pending_inputs i set assignee = a.assignee
        from ${rows: id uuid, seq int, assignee text} as a join owned using (id)
        where i.workflow_id = a.id and i.seq = a.seq and i.status = 'pending'
      ), taken as (
        update ${schema}.pending_events p
        set status = 'received', received_by = t.seq, received_at = ${now}
        from ${rows: id uuid, event bigint, seq int} as t join owned using (id)
        where p.workflow_id = t.id and p.id = t.event
      ), opened as (
        insert into ${schema}.wait_groups (workflow_id, seq, path, mode, signals, opened_at)
        select o.id, o.seq, o.path, o.mode,
               array(select jsonb_array_elements_text(o.signals::jsonb)), ${now}
        from ${rows: id uuid, seq int, path text, mode text, signals text} as o
        join owned using (id)
        on conflict (workflow_id, seq) do update
          set mode = excluded.mode, signals = excluded.signals
      ), asked as (
        insert into ${schema}.pending_inputs
          (id, workflow_id, seq, input_name, path, input_type, prompt, fields, metadata, assignee,
           status, timeout_at, timeout_value, on_timeout, inserted_at)
        select q.question, q.id, q.seq, q.name, q.path, q.type, q.prompt, q.fields::jsonb,
               q.metadata::jsonb, q.assignee, 'pending',
               ${now} + q.timeout * interval '1 microsecond', q.value::jsonb,
               case when q.timeout is not null then
                 case when q.value is null then 'fail' else 'value' end end, ${now}
        from ${rows: id uuid, question uuid, seq int, name text, path text, type text,
                     prompt text, fields text, metadata text, assignee text, timeout bigint,
                     value text} as q
        join owned using (id)
      ), born as (
        insert into ${schema}.workflow_executions
          (id, workflow_name, workflow_version, fingerprint, status, queue, priority, input, tags,
           wake_at, deadline_at, parent_workflow_id, parent_step, parent_close_policy,
           inserted_at, updated_at)
        select c.child, c.name, c.version, c.fingerprint, 'pending', c.queue,
               coalesce(c.priority, owned.priority), c.input::jsonb, c.tags::jsonb,
               ${now}, ${now} + c.timeout * interval '1 microsecond', c.id, c.step, c.policy,
               ${now}, ${now}
        from ${rows: id uuid, child uuid, name text, version int, fingerprint text, queue text,
                     priority int, input text, tags text, timeout bigint, step text,
                     policy text} as c
        join owned using (id)
        returning queue
      )
      select count(pg_notify(?, 'q' || queue)) from (select distinct queue from born where ?) b
      """;

  /** What has ended waits for nothing. */
  private static final String END =
      """
      with ended as (
        select e.id from ${rows: id uuid} as o
        join ${schema}.workflow_executions e on e.id = o.id and e.status not in
          ('pending', 'running', 'waiting', 'parked')
      ), waits as (
        delete from ${schema}.wait_groups g using ended where g.workflow_id = ended.id
        returning g.workflow_id
      ), steps as (
        update ${schema}.step_executions s set status = 'cancelled', completed_at = ${now}
        from ended where s.workflow_id = ended.id and s.status = 'waiting'
          and s.step_type in ('wait', 'child')
      ), inputs as (
        update ${schema}.pending_inputs i set status = 'cancelled', completed_at = ${now}
        from ended where i.workflow_id = ended.id and i.status = 'pending'
      )
      select count(*) from waits
      """;

  private final String lock;
  private final String end;
  private final String change;
  private final String channel;
  private final boolean notifications;

  WaitStatement(Sql sql, boolean notifications) {
    this.lock = sql.of(LOCK);
    this.end = sql.of(END);
    this.change = sql.of(CHANGE);
    this.channel = sql.channel();
    this.notifications = notifications;
  }

  String lock() {
    return lock;
  }

  String change() {
    return change;
  }

  /** For executions that may have ended. */
  String end() {
    return end;
  }

  /** A change, and whose it is. */
  private record Of<T>(UUID id, T change) {}

  void bind(Bind bind, List<EntryRow> entries) throws SQLException {
    List<Of<WaitChanges.Closed>> closed = all(entries, WaitChanges::closed);
    List<Of<WaitChanges.Assigned>> assigned = all(entries, WaitChanges::assigned);
    List<Of<WaitChanges.Taken>> taken = all(entries, WaitChanges::taken);
    List<Of<WaitChanges.Opened>> opened = all(entries, WaitChanges::opened);
    bind.uuids(entries, entry -> entry.owner().id())
        .longs(entries, entry -> entry.owner().token())
        .uuids(closed, Of::id)
        .ints(closed, of -> of.change.seq())
        .uuids(closed, Of::id)
        .ints(closed, of -> of.change.seq())
        .texts(closed, of -> of.change.question())
        .uuids(assigned, Of::id)
        .ints(assigned, of -> of.change.seq())
        .texts(assigned, of -> of.change.assignee())
        .uuids(taken, Of::id)
        .longs(taken, of -> of.change.signal())
        .ints(taken, of -> of.change.seq())
        .uuids(opened, Of::id)
        .ints(opened, of -> of.change.seq())
        .texts(opened, of -> of.change.path())
        .texts(opened, of -> of.change.all() ? "all" : "any")
        .texts(opened, of -> InternalJson.write(of.change.signals()));
    bindQuestions(bind, all(entries, WaitChanges::questions));
    bindChildren(bind, all(entries, WaitChanges::children));
    bind.text(channel).flag(notifications);
  }

  private static void bindQuestions(Bind bind, List<Of<WaitChanges.Question>> questions)
      throws SQLException {
    bind.uuids(questions, Of::id)
        .uuids(questions, of -> of.change.id())
        .ints(questions, of -> of.change.seq())
        .texts(questions, of -> of.change.name())
        .texts(questions, of -> of.change.path())
        .texts(questions, of -> of.change.type())
        .texts(questions, of -> of.change.prompt())
        .texts(questions, of -> of.change.fields())
        .texts(questions, of -> of.change.metadata())
        .texts(questions, of -> of.change.assignee())
        .longs(questions, of -> Bind.micros(of.change.timeout()))
        .texts(questions, of -> of.change.timeoutValue());
  }

  private static void bindChildren(Bind bind, List<Of<WaitChanges.Child>> children)
      throws SQLException {
    bind.uuids(children, Of::id)
        .uuids(children, of -> of.change.row().id())
        .texts(children, of -> of.change.row().workflow())
        .ints(children, of -> of.change.row().version())
        .texts(children, of -> of.change.row().fingerprint())
        .texts(children, of -> of.change.row().queue())
        .ints(children, of -> of.change.priority())
        .texts(children, of -> of.change.row().input())
        .texts(children, of -> StartStatement.tags(of.change.row()))
        .longs(children, of -> Bind.micros(of.change.row().timeout()))
        .texts(children, of -> of.change.step())
        .texts(children, of -> of.change.closePolicy());
  }

  private static <T> List<Of<T>> all(List<EntryRow> entries, Function<WaitChanges, List<T>> kind) {
    List<Of<T>> all = new ArrayList<>();
    for (EntryRow entry : entries) {
      kind.apply(entry.waits()).forEach(change -> all.add(new Of<>(entry.owner().id(), change)));
    }
    return all;
  }
}
