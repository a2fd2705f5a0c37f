package dev.durable.internal.store.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;

/** Parts of the statements that let an execution that has ended continue. */
public final class RevivalSql {

  /**
   * The columns of an execution {@code e} after a retry: it continues as if it had never ended, or
   * with its compensation if that has begun. An execution that failed or was cancelled has
   * compensated nothing. The workflow's timeout starts again, from an operator's last retry: that
   * is completed, unlike one of the workflow's own policy.
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
         where s.workflow_id = e.id and s.step_type = 'retry' and s.status = 'completed'
           and s.seq < (select pg_catalog.max(l.seq) from ${schema}.step_executions l
                        where l.workflow_id = e.id)),
        greatest(e.scheduled_at, e.inserted_at)))) at time zone 'UTC'""";

  /**
   * Whether execution {@code e} may continue although a later start may have taken its key: then
   * only its compensation may, or what had begun before.
   */
  public static final String HAS_KEY =
      "(e.former_key is null or e.status in ('compensation_failed', 'parked'))";

  /** Adds a mark to the history of {@code e}, from which attempts are counted anew. */
  public static final String MARKS =
      """
      insert into ${schema}.step_executions
        (workflow_id, seq, step_name, path, step_type, attempt, status, started_at, completed_at)
      select e.id,
             coalesce((select pg_catalog.max(s.seq) from ${schema}.step_executions s
                       where s.workflow_id = e.id), -1) + 1,
             'retry', 'retry', 'retry', 1, 'completed', ${time}, ${time}""";

  private RevivalSql() {}

  /** Adds hints for the queues in which revived executions are due. */
  static void hint(ResultSet result, Collection<String> hints) throws SQLException {
    while (result.next()) {
      hints.add(Hint.work(result.getString(1)));
    }
  }
}
