package dev.durable.internal.store.journal;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The statements that cancel the children of an execution that has ended. They are sent after the
 * end, in one transaction with it.
 */
public final class ChildCancelStatement {

  /**
   * Cancels the children of an execution that ended without a result, and their children, unless
   * they were to go on without it; also children that are no longer needed.
   *
   * <p>An execution that starts a child has locked itself: this statement, having waited for that
   * lock, does not see the child, which is committed with it. So it is sent again until it finds
   * none; then each descendant has ended and can start no more children. It also descends through
   * executions that have ended already, to those alive below them.
   */
  private static final String CANCEL =
      """
      with recursive ${clock}, gone as (
        select c.id
        from ${rows: id uuid, token bigint} as p
        join ${schema}.workflow_executions e
          on e.id = p.id and (p.token is null or e.lock_token = p.token) and e.status in
          ('failed', 'cancelled', 'compensating', 'compensated', 'compensation_failed')
        join ${schema}.workflow_executions c on c.parent_workflow_id = e.id
        where c.parent_close_policy = 'cancel' and c.status <> 'completed'
        union
        select c.id
        from ${rows: child uuid, id uuid, token bigint, always bool} as u
        join ${schema}.workflow_executions o on o.id = u.id and o.lock_token = u.token
        join ${schema}.workflow_executions c on c.id = u.child
        where (u.always or c.parent_close_policy = 'cancel') and c.status <> 'completed'
        union
        select c.id
        from gone g join ${schema}.workflow_executions c on c.parent_workflow_id = g.id
        where c.parent_close_policy = 'cancel' and c.status <> 'completed'
      ), before as materialized (
        ${before}
        where e.id in (select id from gone)
          and e.status in ('pending', 'running', 'waiting', 'parked')
        order by e.id for no key update
      )
      ${cancelled}
      """;

  /**
   * Ends the attempts and waits of cancelled executions. A statement of its own: only the next
   * statement sees what an owner committed while the cancel waited for the lock.
   */
  private static final StatementTemplate CLOSE =
      new StatementTemplate(
          "ChildCancelStatement.CLOSE",
          """
      with ${clock}, cancelled as materialized (
        select c.id, c.locked_by
        from ${rows: id uuid} as u join ${schema}.workflow_executions c on c.id = u.id
        where c.status in ('cancelled', 'compensating')
      ), ${closed}
      update ${schema}.step_executions s set status = 'cancelled', completed_at = ${time}
      where s.workflow_id = any (array(select o.id from cancelled o))
        and (s.status = 'waiting'
             or (s.status = 'running' and s.workflow_id = any (array(
                   select o.id from cancelled o where o.locked_by is null))))
      """
              .replace("${closed}", EndingSql.closed("cancelled")));

  private static final StatementTemplate CANCEL_CHILDREN =
      new StatementTemplate(
          "ChildCancelStatement.CANCEL",
          CANCEL
              .replace("${before}", EndingSql.BEFORE)
              .replace("${cancelled}", EndingSql.CANCELLED));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(CANCEL_CHILDREN, CLOSE);

  /** Why descendants are cancelled. */
  static final String WHY = "parent_cancelled: its parent ended, or no longer waits for it.";

  private static final String REASON =
      InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, WHY, null));

  private final String cancel;
  private final String close;

  public ChildCancelStatement(Schema schema) {
    this.cancel = schema.of(CANCEL_CHILDREN);
    this.close = schema.of(CLOSE);
  }

  /** Cancels the children of executions that ended without a result, and the given children. */
  public void cancel(
      Pipeline pipeline,
      List<EndedRow> parents,
      List<ChildRow> unwanted,
      Collection<String> hints) {
    Set<UUID> cancelled = new LinkedHashSet<>();
    pipeline
        .repeat(
            cancel,
            bind ->
                ChildRow.bind(EndedRow.bind(bind.now(), parents), unwanted)
                    .flags(unwanted, ChildRow::always)
                    .text(REASON),
            result -> readCancelled(result, cancelled, hints))
        .add(close, bind -> bind.now().uuids(List.copyOf(cancelled), id -> id));
  }

  /**
   * Reads the answer to a cancel.
   *
   * @return whether an execution was cancelled
   */
  private static boolean readCancelled(
      ResultSet result, Set<UUID> cancelled, Collection<String> hints) throws SQLException {
    boolean any = false;
    while (result.next()) {
      any = true;
      UUID id = result.getObject(1, UUID.class);
      cancelled.add(id);
      if (result.getObject(4) != null) {
        hints.add(Hint.cancelled(new Ownership(id, result.getLong(5))));
      }
      if (result.getBoolean(3)) {
        hints.add(Hint.work(result.getString(2)));
      }
    }
    return any;
  }
}
