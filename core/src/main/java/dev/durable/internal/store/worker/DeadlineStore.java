package dev.durable.internal.store.worker;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.ChildCancelStatement;
import dev.durable.internal.store.journal.EndedRow;
import dev.durable.internal.store.journal.EndingSql;
import dev.durable.internal.store.journal.ParentReportStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines: ends executions that have passed theirs and belong to no worker, with their children.
 */
public final class DeadlineStore {

  /**
   * Locks the first executions that are late. Those that another session has locked are left for
   * the next time, and so are those whose parent is locked: ending an execution sends a signal to
   * its parent.
   */
  private static final StatementTemplate LATE =
      new StatementTemplate(
          "DeadlineStore.LATE",
          """
          with ${clock}, late as materialized (
            select e.id, e.workflow_name, e.workflow_version, e.workflow_key, e.current_step
            from ${schema}.workflow_executions e
            cross join lateral (
              select 1 from ${schema}.workflow_executions p
              where p.id = coalesce((select x.id from ${schema}.workflow_executions x
                                     where x.id = e.parent_workflow_id), e.id)
              for no key update skip locked
            ) as parent
            where e.deadline_at <= ${time} and e.status in ('pending', 'waiting')
            order by e.deadline_at, e.id limit ?::bigint
            for no key update of e skip locked
          )
          select l.id, l.workflow_name, l.workflow_version, l.workflow_key, l.current_step,
                 (select s.error from ${schema}.step_executions s
                  where s.workflow_id = l.id and s.status = 'failed'
                  order by s.seq desc limit 1)
          from late l
          """);

  /**
   * Completed steps may have to be undone. A worker that has the definition finds out; until then
   * nothing else happens.
   */
  private static final StatementTemplate END =
      new StatementTemplate(
          "DeadlineStore.END",
          """
          with ${clock}, late as (
            select e.id, o.error::jsonb as error,
                   e.started_at is not null and e.compensation_results is null
                   and exists (
                     select 1 from ${schema}.workflow_definitions d
                     where d.name = e.workflow_name and d.version = e.workflow_version
                       and d.fingerprint = e.fingerprint and d.compensate_on_timeout)
                   and exists (
                     select 1 from ${schema}.step_executions s
                     where s.workflow_id = e.id and s.status = 'completed'
                       and s.step_type in ('step', 'transaction', 'effect')
                     offset 0) as undo
            from ${rows: id uuid, error text} as o
            join ${schema}.workflow_executions e on e.id = o.id
          ), ended as (
            update ${schema}.workflow_executions e
            set ${ended}
            from late l
            where e.id = l.id and e.status in ('pending', 'waiting')
            returning e.id, e.queue, l.undo
          ), steps as (
            update ${schema}.step_executions s set status = 'cancelled', completed_at = ${time}
            where s.workflow_id = any (array(select o.id from ended o)) and s.status = 'waiting'
          ), ${closed}
          select c.id, c.undo, 'q' || c.queue from ended c
          """
              .replace("${ended}", EndingSql.ended("'failed'", "l.undo", "l.error"))
              .replace("${closed}", EndingSql.closed("ended")));

  public static final List<StatementTemplate> STATEMENTS = List.of(LATE, END);

  private final Database database;
  private final Schema schema;
  private final ChildCancelStatement children;
  private final ParentReportStatement parents;

  /**
   * @param database where; its hint sender reports the parents and children of ended executions
   * @param schema whose tables
   */
  public DeadlineStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
    this.children = new ChildCancelStatement(schema);
    this.parents = new ParentReportStatement(schema);
  }

  /**
   * An execution that was too late.
   *
   * @param id its id
   * @param workflow the workflow's name
   * @param version the definition's version
   * @param key the business key, or null
   * @param error its error
   * @param undone whether it is compensated first
   */
  public record Late(
      UUID id,
      String workflow,
      int version,
      @Nullable String key,
      ErrorInfo error,
      boolean undone) {

    private Late undone(boolean first) {
      return new Late(id, workflow, version, key, error, first);
    }
  }

  /**
   * Ends the executions that are late, the most overdue first.
   *
   * @param most the most to end at once
   * @return the ended executions
   */
  public List<Late> end(int most) {
    Map<UUID, Late> late = new LinkedHashMap<>();
    List<EndedRow> ended = new ArrayList<>();
    Pipeline pipeline = new Pipeline();
    Pipeline ending = new Pipeline();
    ending.add(
        schema.of(END),
        bind ->
            bind.now()
                .uuids(List.copyOf(late.values()), Late::id)
                .texts(List.copyOf(late.values()), row -> InternalJson.write(row.error())),
        row -> readEnded(row, late, pipeline));
    children.cancel(ending, ended, List.of(), pipeline.hints());
    parents.report(ending, ended, pipeline.hints());
    pipeline
        .repeat(
            schema.of(LATE),
            bind -> bind.now().number(most),
            row -> {
              late.clear();
              ended.clear();
              readLate(row, late);
              late.keySet().forEach(id -> ended.add(new EndedRow(id, null)));
              return false;
            })
        .addIf(() -> !late.isEmpty(), ending);
    pipeline.execute(database, "end executions that have passed their deadline");
    return List.copyOf(late.values());
  }

  private static void readLate(ResultSet row, Map<UUID, Late> late) throws SQLException {
    while (row.next()) {
      UUID id = row.getObject(1, UUID.class);
      ErrorInfo error = DeadlineError.of(row.getString(5), InternalJson.error(row.getString(6)));
      late.put(id, new Late(id, row.getString(2), row.getInt(3), row.getString(4), error, false));
    }
  }

  private static void readEnded(ResultSet row, Map<UUID, Late> late, Pipeline pipeline)
      throws SQLException {
    while (row.next()) {
      boolean undo = row.getBoolean(2);
      late.computeIfPresent(row.getObject(1, UUID.class), (id, before) -> before.undone(undo));
      if (undo) {
        pipeline.hint(row.getString(3));
      }
    }
  }
}
