package dev.durable.internal.store.journal;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statements that report the end of an execution to its parent, and cancel its children. They
 * are sent after the end, in one transaction with it.
 */
public final class ParentChildStatement {

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
          "ParentChildStatement.REPORT",
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
          "ParentChildStatement.WAKE",
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
          "ParentChildStatement.CLOSE",
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
          "ParentChildStatement.CANCEL",
          CANCEL
              .replace("${before}", EndingSql.BEFORE)
              .replace("${cancelled}", EndingSql.CANCELLED));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS =
      List.of(REPORT, WAKE, CANCEL_CHILDREN, CLOSE);

  /** Why descendants are cancelled. */
  static final String WHY = "parent_cancelled: its parent ended, or no longer waits for it.";

  private static final String REASON =
      InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, WHY, null));

  private final String report;
  private final String wake;
  private final String cancel;
  private final String close;

  public ParentChildStatement(Schema schema) {
    this.report = schema.of(REPORT);
    this.wake = schema.of(WAKE);
    this.cancel = schema.of(CANCEL_CHILDREN);
    this.close = schema.of(CLOSE);
  }

  /**
   * Reports the end of executions to their parents.
   *
   * @param ended the executions that may have ended
   * @param hints gets the hints to send after the commit
   */
  public void report(Pipeline pipeline, List<Ended> ended, Collection<String> hints) {
    Set<UUID> reported = new HashSet<>();
    pipeline
        .add(
            report,
            bind -> bindEnded(bind.now(), ended),
            result -> {
              while (result.next()) {
                reported.add(result.getObject(1, UUID.class));
              }
            })
        .add(
            wake,
            bind -> bindEnded(bind.now(), ended),
            result -> {
              while (result.next()) {
                reported.remove(result.getObject(1, UUID.class));
                hints.add(Hint.work(result.getString(2)));
              }
              reported.forEach(parent -> hints.add(Hint.signalled(parent)));
            });
  }

  private static Parameters bindEnded(Parameters bind, List<Ended> ended) throws SQLException {
    return bind.uuids(ended, Ended::id).longs(ended, Ended::token);
  }

  /** Cancels the children of executions that ended without a result, and the given children. */
  public void cancel(
      Pipeline pipeline, List<Ended> parents, List<ChildRow> unwanted, Collection<String> hints) {
    Set<UUID> cancelled = new LinkedHashSet<>();
    pipeline
        .repeat(
            cancel,
            bind ->
                ChildRow.bind(bindEnded(bind.now(), parents), unwanted)
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

  /**
   * An execution that may have ended.
   *
   * @param token its token at the end; null for the one that it has now
   */
  public record Ended(UUID id, @Nullable Long token) {
    /** The executions of a batch whose ends are reported to their parents. */
    static List<Ended> of(EntryBatch batch) {
      return Stream.concat(
              of(batch.ended()).stream(),
              batch.revived().stream().map(each -> new Ended(each.child(), null)))
          .toList();
    }

    static List<Ended> of(List<Ownership> owners) {
      return owners.stream().map(owner -> new Ended(owner.id(), owner.token())).toList();
    }
  }
}
