package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import java.util.List;
import java.util.UUID;

/**
 * What the end of an execution means for its parent and for its children. Each is sent after the
 * end, in one transaction with it.
 */
final class FamilyStatement {

  /**
   * A parent that waits gets the outcome, once; one that has gone to rest is due at once. Whoever
   * owns it is told.
   */
  private static final String REPORT =
      """
      with ended as materialized (
        select e.id, e.parent_workflow_id as parent, e.status, e.output, e.error
        from ${rows: id uuid} as i join ${schema}.workflow_executions e on e.id = i.id
        where e.parent_workflow_id is not null and e.status in
          ('completed', 'failed', 'cancelled', 'compensated', 'compensation_failed')
      ), reported as (
        insert into ${schema}.pending_events
          (workflow_id, kind, event_name, payload, idempotency_key, status, inserted_at)
        select c.parent, 'child', c.id::text,
               jsonb_build_object('status', c.status, 'output', c.output, 'error', c.error),
               'end', 'pending', ${now}
        from ended c
        where exists (select 1 from ${schema}.wait_groups g
                      where g.workflow_id = c.parent and g.signals @> array['child:' || c.id])
        on conflict do nothing
        returning workflow_id
      ), woken as (
        update ${schema}.workflow_executions p set wake_at = ${now}, updated_at = ${now}
        from (select distinct workflow_id from reported) r
        where p.id = r.workflow_id and p.status = 'waiting'
        returning p.id, p.queue
      )
      select count(pg_notify(?, hint))
      from (select 'q' || queue as hint from woken
            union
            select 'e' || r.workflow_id from reported r
            where not exists (select 1 from woken w where w.id = r.workflow_id)) h
      where ?
      """;

  /**
   * The children of an execution that ended without a result end as well, and theirs, unless they
   * were to go on without it; and so do children that nobody wants any more.
   */
  private static final String CANCEL =
      """
      with recursive gone as (
        select c.id
        from ${rows: id uuid} as p
        join ${schema}.workflow_executions e on e.id = p.id and e.status in
          ('failed', 'cancelled', 'compensating', 'compensated', 'compensation_failed')
        join ${schema}.workflow_executions c on c.parent_workflow_id = e.id
        where c.parent_close_policy = 'cancel'
          and c.status in ('pending', 'running', 'waiting', 'parked')
        union
        select c.id
        from ${rows: child uuid, id uuid, token bigint} as u
        join ${schema}.workflow_executions o on o.id = u.id and o.lock_token = u.token
        join ${schema}.workflow_executions c on c.id = u.child
        where c.status in ('pending', 'running', 'waiting', 'parked')
        union
        select c.id
        from gone g join ${schema}.workflow_executions c on c.parent_workflow_id = g.id
        where c.parent_close_policy = 'cancel'
          and c.status in ('pending', 'running', 'waiting', 'parked')
      ), before as materialized (
        ${before}
        where e.id in (select id from gone)
        order by e.id for update
      ), ${cancelled}
      select count(pg_notify(?, hint))
      from (select 'c' || id as hint from cancelled where locked_by is not null
            union select 'q' || queue from cancelled where undo) h
      where ?
      """;

  /**
   * What a cancel has to know of an execution. A definition may say that it undoes what was done.
   */
  private static final String BEFORE =
      """
      select e.id, e.status, e.locked_by,
             e.started_at is not null and e.compensation_results is null and exists (
               select 1 from ${schema}.workflow_definitions d
               where d.name = e.workflow_name and d.version = e.workflow_version
                 and d.fingerprint = e.fingerprint and d.compensate_on_cancel) as undo
      from ${schema}.workflow_executions e""";

  /** Raising the token fences the owner; the hint lets it interrupt the body at once. */
  private static final String CANCELLED =
      """
      cancelled as (
        update ${schema}.workflow_executions e
        set status = case when b.undo then 'compensating' else 'cancelled' end,
            error = o.error, lock_token = e.lock_token + 1, locked_by = null, updated_at = ${now},
            compensation_results = case
              when b.undo then jsonb_build_object('cause', o.error, 'results', '[]'::jsonb)
              else e.compensation_results end,
            wake_at = case when b.undo then ${now} end,
            completed_at = case when not b.undo then ${now} end
        from before b, (select ?::jsonb as error) o
        where e.id = b.id and b.status in ('pending', 'running', 'waiting', 'parked')
        returning e.id, e.queue, b.undo, b.locked_by
      )""";

  /** Fills in what every cancel has in common. */
  static String cancelling(String template) {
    return template.replace("${before}", BEFORE).replace("${cancelled}", CANCELLED);
  }

  /**
   * What was cancelled runs and waits no more. Sent by itself: only the next statement sees what an
   * owner committed while the cancel waited for the lock.
   */
  private static final String CLOSE =
      """
      with recursive cancelled as (
        select c.id
        from ${rows: id uuid} as p
        join ${schema}.workflow_executions c on c.parent_workflow_id = p.id
        where c.status in ('cancelled', 'compensating')
        union
        select c.id
        from ${rows: id uuid} as u join ${schema}.workflow_executions c on c.id = u.id
        where c.status in ('cancelled', 'compensating')
        union
        select c.id
        from cancelled p join ${schema}.workflow_executions c on c.parent_workflow_id = p.id
        where c.status in ('cancelled', 'compensating')
      ), steps as (
        update ${schema}.step_executions s set status = 'cancelled', completed_at = ${now}
        from cancelled c join ${schema}.workflow_executions e on e.id = c.id
        where s.workflow_id = c.id
          and (s.status = 'waiting' or (s.status = 'running' and e.locked_by is null))
      ), waits as (
        delete from ${schema}.wait_groups g using cancelled c where g.workflow_id = c.id
      ), inputs as (
        update ${schema}.pending_inputs i set status = 'cancelled', completed_at = ${now}
        from cancelled c where i.workflow_id = c.id and i.status = 'pending'
      )
      select count(*) from cancelled
      """;

  private static final String REASON =
      InternalJson.write(
          ErrorInfo.of(
              ErrorInfo.CANCELLED,
              "parent_cancelled: its parent ended, or no longer waits for it.",
              null));

  private final String report;
  private final String cancel;
  private final String close;
  private final String channel;
  private final boolean notifications;

  FamilyStatement(Sql sql, boolean notifications) {
    this.report = sql.of(REPORT);
    this.cancel = sql.of(cancelling(CANCEL));
    this.close = sql.of(CLOSE);
    this.channel = sql.channel();
    this.notifications = notifications;
  }

  /** Tells the parents of executions that may have ended. */
  void report(Pipeline pipeline, List<UUID> ended) {
    pipeline.add(report, bind -> bind.uuids(ended, id -> id).text(channel).flag(notifications));
  }

  /** Cancels children: of executions that ended without a result, and those given. */
  void cancel(Pipeline pipeline, List<UUID> parents, List<Unwanted> unwanted) {
    pipeline
        .add(
            cancel,
            bind ->
                bind.uuids(parents, id -> id)
                    .uuids(unwanted, Unwanted::child)
                    .uuids(unwanted, each -> each.owner.id())
                    .longs(unwanted, each -> each.owner.token())
                    .text(REASON)
                    .text(channel)
                    .flag(notifications))
        .add(close, bind -> bind.uuids(parents, id -> id).uuids(unwanted, Unwanted::child));
  }

  /** A child that its owner does not want any more. */
  record Unwanted(UUID child, Identified owner) {}
}
