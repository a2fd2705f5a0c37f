package dev.durable.internal.store.worker;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.Hint;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Frees the executions of dead workers: their owners will not continue them. */
public final class TakeoverStore {

  /**
   * Sent before RELEASE, in one transaction with it: its snapshot then also has the {@code running}
   * rows that the owner committed while we waited for the lock. An execution that another session
   * has locked, for however long, delays no other: it is left for the next time.
   */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "TakeoverStore.LOCK",
          """
      with gone as materialized (
        select id from ${schema}.workers where id = ?::uuid and dead_at is not null
        for no key update skip locked
      )
      select 1 from gone g join ${schema}.workflow_executions e on e.locked_by = g.id
      order by e.id limit ?::bigint for no key update of e skip locked
      """);

  /** The time at which an execution that a worker owns was due first. */
  static final String DUE_SINCE = "least(greatest(e.scheduled_at, e.inserted_at), ${time})";

  /**
   * Frees some executions of a dead worker. If it was lost, each execution's recoveries are
   * counted, and it is parked after too many; a step completed since the last claim, which was the
   * last change of the execution's row or earlier, is progress, and the count begins anew.
   *
   * <p>What is freed is due since the time at which it was due first: it comes before all that is
   * due since later, instead of waiting, half done, behind a backlog.
   */
  private static final StatementTemplate RELEASE =
      new StatementTemplate(
          "TakeoverStore.RELEASE",
          """
      with ${clock}, gone as materialized (
        select id, not drained as lost from ${schema}.workers
        where dead_at is not null and id = ?::uuid for no key update skip locked
      ), locked as materialized (
        select e.id, g.lost,
               case when exists (
                      select 1 from ${schema}.step_executions s
                      where s.workflow_id = e.id and s.status = 'completed'
                        and s.completed_at >= e.updated_at)
                    then 0 else e.recoveries end as recoveries
        from gone g join ${schema}.workflow_executions e on e.locked_by = g.id
        order by e.id limit ?::bigint for no key update of e skip locked
      ), freed as materialized (
        select id, lost, recoveries, lost and recoveries >= ?::int as poison from locked
      ), released as (
        update ${schema}.workflow_executions e
        set status = case when f.poison then 'parked'
                          when e.compensation_results is not null then 'compensating'
                          else 'pending' end,
            wake_at = case when not f.poison then ${due_since} end,
            error = case when f.poison then pg_catalog.jsonb_object(array[
                      'type', ?::text,
                      'message', pg_catalog.replace(?::text, '%s', (f.recoveries + 1)::text)])
                    when e.compensation_results is not null then e.error end,
            recoveries = f.recoveries + case when f.lost then 1 else 0 end,
            lock_token = e.lock_token + 1, locked_by = null, updated_at = ${time}
        from freed f where e.id = f.id
        returning e.id, e.queue, e.status
      ), steps as (
        update ${schema}.step_executions s
        set status = 'failed', completed_at = ${time},
            error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text, 'step', s.path])
        from released r where s.workflow_id = r.id and s.status = 'running'
      )
      select pg_catalog.count(*), pg_catalog.array_agg(distinct queue) filter (where status <> 'parked') from released
      """
              .replace("${due_since}", DUE_SINCE));

  /**
   * Removes the worker's row with its last execution: no start or claim of that worker can have
   * committed after dead_at was set, because both hold a key share lock on a row without it.
   */
  private static final StatementTemplate REMOVE =
      new StatementTemplate(
          "TakeoverStore.REMOVE",
          """
      delete from ${schema}.workers n
      where n.id = ?::uuid and n.dead_at is not null and not exists (
        select 1 from ${schema}.workflow_executions e where e.locked_by = n.id)
      """);

  public static final List<StatementTemplate> STATEMENTS = List.of(LOCK, RELEASE, REMOVE);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; its hint sender reports the queues in which work is freed
   * @param schema whose tables
   */
  public TakeoverStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * The executions that were freed.
   *
   * @param executions their number, parked ones included
   * @param queues the queues in which work is due now
   */
  public record Released(int executions, List<String> queues) {}

  /**
   * Frees up to {@code most} executions of a dead worker, except those that another session has
   * locked: they are left for the next time.
   *
   * @param worker the dead worker
   * @param maxRecoveries how often an execution may lose its worker before it is parked
   * @return the freed executions; fewer than {@code most} if all others of that worker are locked
   */
  public Released release(UUID worker, int maxRecoveries, int most) {
    List<Released> released = new ArrayList<>();
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(schema.of(LOCK), bind -> bind.uuid(worker).number(most))
        .add(
            schema.of(RELEASE),
            bind ->
                bind.now()
                    .uuid(worker)
                    .number(most)
                    .number(maxRecoveries)
                    .text(ErrorInfo.TOO_MANY_RECOVERIES)
                    .text(
                        "It lost its worker %s times; the limit is "
                            + maxRecoveries
                            + ". Check the last step, fix the cause, then retry the execution.")
                    .text(ErrorInfo.WORKER_LOST)
                    .text("The worker that ran this attempt has gone; how far it got is unknown."),
            row -> {
              row.next();
              List<String> queues = RowReader.texts(row, 2);
              queues.forEach(queue -> pipeline.hint(Hint.work(queue)));
              released.add(new Released(row.getInt(1), queues));
            })
        .add(schema.of(REMOVE), bind -> bind.uuid(worker))
        .execute(database, "free the executions of a worker that has gone");
    return released.getLast();
  }
}
