package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * The statements that revive the children of released executions that were started without waiting
 * for them. They are sent after the release, in one transaction with it.
 */
public final class StartedRevivalStatement {

  /**
   * The children that released executions have started without waiting for them, and that were
   * cancelled only because their parent ended; and their children. A child that has been
   * compensated since has nothing to continue, and one whose key a later start has must not.
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
               and c.status = 'cancelled' and c.former_key is null and c.error ->> 'message'::text = ?::text""");

  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "StartedRevivalStatement.LOCK",
          """
          with recursive ${started}
          select pg_catalog.count(*) from (
            select 1 from started t join ${schema}.workflow_executions e on e.id = t.id
            order by e.id for no key update of e) locked
          """
              .replace("${started}", STARTED));

  private static final StatementTemplate MARK =
      new StatementTemplate(
          "StartedRevivalStatement.MARK",
          """
          with recursive ${clock}, ${started}
          ${marks}
          from started t join ${schema}.workflow_executions e on e.id = t.id
          where e.status = 'cancelled' and e.former_key is null
          """
              .replace("${started}", STARTED)
              .replace("${marks}", RevivalSql.MARKS));

  private static final StatementTemplate RELEASE =
      new StatementTemplate(
          "StartedRevivalStatement.RELEASE",
          """
          with recursive ${clock}, ${started}
          update ${schema}.workflow_executions e set ${released}
          from started t where e.id = t.id and e.status = 'cancelled' and e.former_key is null
          returning e.queue
          """
              .replace("${started}", STARTED)
              .replace("${released}", RevivalSql.RELEASED));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(LOCK, MARK, RELEASE);

  private final String lock;
  private final String mark;
  private final String release;

  public StartedRevivalStatement(Schema schema) {
    this.lock = schema.of(LOCK);
    this.mark = schema.of(MARK);
    this.release = schema.of(RELEASE);
  }

  /** Revives children that released executions have started, and that were cancelled with them. */
  public void revive(Pipeline pipeline, List<UUID> released, Collection<String> hints) {
    Parameters.Binding ids = bind -> reasons(bind.uuids(released, id -> id));
    Parameters.Binding now = bind -> reasons(bind.now().uuids(released, id -> id));
    pipeline
        .add(lock, ids)
        .add(mark, now)
        .add(release, now, result -> RevivalSql.hint(result, hints));
  }

  /** Binds the reason of the cancel twice: for children and for their children. */
  private static Parameters reasons(Parameters bind) throws SQLException {
    return bind.text(ChildCancelStatement.WHY).text(ChildCancelStatement.WHY);
  }
}
