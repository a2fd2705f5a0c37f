package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * The statements that revive children. A parent that was retried calls a child again that has ended
 * without a result, and the same child continues. A child that has been retried meanwhile is left
 * alone, and one that has completed is reported next. Sent after the parent's wait, in one
 * transaction with it.
 */
public final class RevivalStatement {

  /** The ends that a retry of the parent revokes. A parked execution needs a person. */
  private static final String REVIVABLE = "('failed', 'cancelled', 'compensation_failed')";

  /**
   * The columns of an execution {@code e} after a retry: it continues as if it had never ended, or
   * with its compensation if that has begun. An execution that failed or was cancelled has
   * compensated nothing. The workflow's timeout starts again.
   */
  public static final String RELEASED =
      """
      status = case when e.compensation_results is null or e.status in ('failed', 'cancelled')
                    then 'pending' else 'compensating' end,
      error = case when e.status not in ('failed', 'cancelled')
                   then e.compensation_results -> 'cause'::text end,
      compensation_results = case when e.status not in ('failed', 'cancelled')
                                  then e.compensation_results end,
      completed_at = null, wake_at = ${time}, recoveries = 0,
      lock_token = e.lock_token + 1::bigint, updated_at = ${time},
      deadline_at = ((select t.utc from t) + (e.deadline_at - coalesce(
        (select pg_catalog.max(s.started_at) from ${schema}.step_executions s
         where s.workflow_id = e.id and s.step_type = 'retry'
           and s.seq < (select pg_catalog.max(l.seq) from ${schema}.step_executions l
                        where l.workflow_id = e.id)),
        greatest(e.scheduled_at, e.inserted_at)))) at time zone 'UTC'""";

  /** Adds a mark to the history of {@code e}, from which attempts are counted anew. */
  public static final String MARKS =
      """
      insert into ${schema}.step_executions
        (workflow_id, seq, step_name, path, step_type, attempt, status, started_at, completed_at)
      select e.id,
             coalesce((select pg_catalog.max(s.seq) from ${schema}.step_executions s
                       where s.workflow_id = e.id), -1) + 1,
             'retry', 'retry', 'retry', 1, 'completed', ${time}, ${time}""";

  private static final String WANTED =
      """
      from ${rows: child uuid, id uuid, token bigint} as r
      join ${schema}.workflow_executions p on p.id = r.id and p.lock_token = r.token
      join ${schema}.workflow_executions e on e.id = r.child and e.parent_workflow_id = p.id""";

  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "RevivalStatement.LOCK",
          """
          select pg_catalog.count(*) from (
            select 1 ${wanted} order by e.id for no key update of e) locked
          """
              .replace("${wanted}", WANTED));

  private static final StatementTemplate MARK =
      new StatementTemplate(
          "RevivalStatement.MARK",
          """
          with ${clock}
          ${marks}
          ${wanted}
          where e.status in ${revivable}
          """
              .replace("${marks}", MARKS)
              .replace("${wanted}", WANTED)
              .replace("${revivable}", REVIVABLE));

  /** Also takes back the unread report of an earlier end. */
  private static final StatementTemplate REVIVE =
      new StatementTemplate(
          "RevivalStatement.REVIVE",
          """
          with ${clock}, wanted as materialized (
            select e.id, e.parent_workflow_id as parent ${wanted}
          ), untold as (
            update ${schema}.pending_events p
            set status = 'received', received_at = ${time}, idempotency_key = null
            from wanted w cross join lateral (
              select x.ctid as tid from ${schema}.pending_events x
              where x.workflow_id::text = w.parent::text and x.kind = 'child'
                and x.event_name = w.id::text and x.status = 'pending' offset 0) u
            where p.ctid = u.tid and p.status = 'pending'
          )
          update ${schema}.workflow_executions e set ${released}
          from wanted w where e.id = w.id and e.status in ${revivable}
          returning e.queue
          """
              .replace("${released}", RELEASED)
              .replace("${wanted}", WANTED)
              .replace("${revivable}", REVIVABLE));

  /**
   * The children that released executions have started without waiting for them, and that were
   * cancelled only because their parent ended; and their children. A child that has been
   * compensated since has nothing to continue.
   */
  private static final String STARTED =
      """
      started as (
        select c.id
        from ${rows: id uuid} as r
        join ${schema}.workflow_executions p on p.id = r.id and p.status = 'pending'
        ${below}
        union
        select c.id from started p ${below}
      )"""
          .replace(
              "${below}",
              """
              join ${schema}.step_executions s
                on s.workflow_id = p.id and s.status = 'completed' and s.step_type = 'child'
               and s.output ->> 'kind'::text = 'START'
              join ${schema}.workflow_executions c
                on c.id = s.child_workflow_id and c.parent_workflow_id = p.id
               and c.status = 'cancelled' and c.error ->> 'message'::text = ?::text""");

  private static final StatementTemplate LOCK_STARTED =
      new StatementTemplate(
          "RevivalStatement.LOCK_STARTED",
          """
          with recursive ${started}
          select pg_catalog.count(*) from (
            select 1 from started t join ${schema}.workflow_executions e on e.id = t.id
            order by e.id for no key update of e) locked
          """
              .replace("${started}", STARTED));

  private static final StatementTemplate MARK_STARTED =
      new StatementTemplate(
          "RevivalStatement.MARK_STARTED",
          """
          with recursive ${clock}, ${started}
          ${marks}
          from started t join ${schema}.workflow_executions e on e.id = t.id
          where e.status = 'cancelled'
          """
              .replace("${started}", STARTED)
              .replace("${marks}", MARKS));

  private static final StatementTemplate RELEASE_STARTED =
      new StatementTemplate(
          "RevivalStatement.RELEASE_STARTED",
          """
          with recursive ${clock}, ${started}
          update ${schema}.workflow_executions e set ${released}
          from started t where e.id = t.id and e.status = 'cancelled'
          returning e.queue
          """
              .replace("${started}", STARTED)
              .replace("${released}", RELEASED));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS =
      List.of(LOCK, MARK, REVIVE, LOCK_STARTED, MARK_STARTED, RELEASE_STARTED);

  private final String lock;
  private final String mark;
  private final String revive;
  private final String lockStarted;
  private final String markStarted;
  private final String releaseStarted;

  public RevivalStatement(Schema schema) {
    this.lock = schema.of(LOCK);
    this.mark = schema.of(MARK);
    this.revive = schema.of(REVIVE);
    this.lockStarted = schema.of(LOCK_STARTED);
    this.markStarted = schema.of(MARK_STARTED);
    this.releaseStarted = schema.of(RELEASE_STARTED);
  }

  /** Revives children that have ended; adds hints for the queues in which they are due. */
  void revive(Pipeline pipeline, List<ChildRow> children, Collection<String> hints) {
    pipeline
        .add(lock, bind -> ChildRow.bind(bind, children))
        .add(mark, bind -> ChildRow.bind(bind.now(), children))
        .add(
            revive,
            bind -> ChildRow.bind(bind.now(), children),
            result -> hintAtWork(result, hints));
    reviveStarted(pipeline, children.stream().map(ChildRow::child).toList(), hints);
  }

  /** Revives children that released executions have started, and that were cancelled with them. */
  public void reviveStarted(Pipeline pipeline, List<UUID> released, Collection<String> hints) {
    Pipeline.Binding ids = bind -> reasons(bind.uuids(released, id -> id));
    Pipeline.Binding now = bind -> reasons(bind.now().uuids(released, id -> id));
    pipeline
        .add(lockStarted, ids)
        .add(markStarted, now)
        .add(releaseStarted, now, result -> hintAtWork(result, hints));
  }

  /** Binds the reason of the cancel twice: for children and for their children. */
  private static Parameters reasons(Parameters bind) throws SQLException {
    return bind.text(ParentChildStatement.WHY).text(ParentChildStatement.WHY);
  }

  private static void hintAtWork(ResultSet result, Collection<String> hints) throws SQLException {
    while (result.next()) {
      hints.add(Hint.work(result.getString(1)));
    }
  }
}
