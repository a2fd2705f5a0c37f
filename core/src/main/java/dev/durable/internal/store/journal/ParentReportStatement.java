package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The statements that report the end of an execution to its parent. They are sent after the end, in
 * one transaction with it.
 */
public final class ParentReportStatement {

  /**
   * The executions that have ended and have a parent. The condition is not {@code is not null}: see
   * {@link Schema}.
   */
  private static final String ENDED =
      """
      ended as materialized (
        select e.id, e.parent_workflow_id as parent, e.status, e.output, e.error, e.lock_token
        from ${rows: id uuid, token bigint} as i
        join ${schema}.workflow_executions e
          on e.id = i.id and (i.token is null or e.lock_token = i.token)
        where pg_catalog.num_nonnulls(e.parent_workflow_id) = 1 and e.status in
          ('completed', 'failed', 'cancelled', 'compensated', 'compensation_failed')
      )""";

  /**
   * Sends the outcome to a parent that waits, once for each end: a retry may follow one. The wait
   * is looked up for each end, not joined: PostgreSQL would read all waits of the parent. The last
   * place in the mailbox is looked up once, before there are rows that this statement may not see.
   */
  private static final StatementTemplate REPORT =
      new StatementTemplate(
          "ParentReportStatement.REPORT",
          """
      with ${clock}, ${ended}, parents as materialized (
        select c.parent, coalesce((select p.id from ${schema}.pending_events p
                                   where p.workflow_id = c.parent order by p.id desc limit 1),
                                  0) as last
        from (select distinct e.parent from ended e) c
      )
      insert into ${schema}.pending_events
        (workflow_id, id, kind, event_name, payload, idempotency_key, status, inserted_at)
      select c.parent, parents.last + pg_catalog.row_number() over (partition by c.parent order by c.id),
             'child', c.id::text,
             ('{"status":"' || c.status || '","output":' || coalesce(c.output::text, 'null')
               || ',"error":' || coalesce(c.error::text, 'null') || '}')::json,
             'end:' || c.lock_token::text, 'pending', ${time}
      from ended c join parents on parents.parent = c.parent
      where (select true from ${schema}.wait_groups g
             where g.workflow_id = c.parent and g.kind = 'child' and g.event_name = c.id::text
             limit 1)
      on conflict do nothing
      returning workflow_id
      """
              .replace("${ended}", ENDED));

  /** A waiting parent to which an outcome was sent is due at once. */
  private static final StatementTemplate WAKE =
      new StatementTemplate(
          "ParentReportStatement.WAKE",
          """
      with ${clock}, ${ended}, parents as (
        select distinct c.parent as id from ended c
        where (select true from ${schema}.pending_events p
               where p.workflow_id::text = c.parent::text and p.kind = 'child'
                 and p.event_name = c.id::text and p.status = 'pending' limit 1)
      )
      ${wake}
      from parents where e.id = parents.id and e.status = 'waiting'
      returning e.id, e.queue
      """
              .replace("${wake}", SignalSql.WAKE)
              .replace("${ended}", ENDED));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(REPORT, WAKE);

  private final String report;
  private final String wake;

  public ParentReportStatement(Schema schema) {
    this.report = schema.of(REPORT);
    this.wake = schema.of(WAKE);
  }

  /**
   * Reports the end of executions to their parents.
   *
   * @param ended the executions that may have ended
   * @param hints gets the hints to send after the commit
   */
  public void report(Pipeline pipeline, List<EndedRow> ended, Collection<String> hints) {
    Set<UUID> reported = new HashSet<>();
    pipeline
        .add(
            report,
            bind -> EndedRow.bind(bind.now(), ended),
            result -> {
              while (result.next()) {
                reported.add(result.getObject(1, UUID.class));
              }
            })
        .add(
            wake,
            bind -> EndedRow.bind(bind.now(), ended),
            result -> {
              while (result.next()) {
                reported.remove(result.getObject(1, UUID.class));
                hints.add(Hint.work(result.getString(2)));
              }
              reported.forEach(parent -> hints.add(Hint.signalled(parent)));
            });
  }
}
