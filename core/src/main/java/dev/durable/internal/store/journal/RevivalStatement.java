package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.Collection;
import java.util.List;

/**
 * The statements that revive children which are called again. A parent that was retried calls a
 * child again that has ended without a result, and the same child continues. A child that has been
 * retried meanwhile is left alone, and one that has completed is reported next. Sent after the
 * parent's wait, in one transaction with it.
 */
public final class RevivalStatement {

  /** The ends that a retry of the parent revokes. A parked execution needs a person. */
  private static final String REVIVABLE = "('failed', 'cancelled', 'compensation_failed')";

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
          where e.status in ${revivable} and ${hasKey}
          """
              .replace("${marks}", RevivalSql.MARKS)
              .replace("${hasKey}", RevivalSql.HAS_KEY)
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
          from wanted w where e.id = w.id and e.status in ${revivable} and ${hasKey}
          returning e.queue
          """
              .replace("${hasKey}", RevivalSql.HAS_KEY)
              .replace("${released}", RevivalSql.RELEASED)
              .replace("${wanted}", WANTED)
              .replace("${revivable}", REVIVABLE));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(LOCK, MARK, REVIVE);

  private final String lock;
  private final String mark;
  private final String revive;
  private final StartedRevivalStatement started;

  RevivalStatement(Schema schema) {
    this.lock = schema.of(LOCK);
    this.mark = schema.of(MARK);
    this.revive = schema.of(REVIVE);
    this.started = new StartedRevivalStatement(schema);
  }

  /** Revives children that have ended; adds hints for the queues in which they are due. */
  void revive(Pipeline pipeline, List<ChildRow> children, Collection<String> hints) {
    pipeline
        .add(lock, bind -> ChildRow.bind(bind, children))
        .add(mark, bind -> ChildRow.bind(bind.now(), children))
        .add(
            revive,
            bind -> ChildRow.bind(bind.now(), children),
            result -> RevivalSql.hint(result, hints));
    started.revive(pipeline, children.stream().map(ChildRow::child).toList(), hints);
  }
}
