package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.StorableTime;
import dev.durable.internal.store.journal.EntryBatch.Owned;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * The statements that write the history of a batch of entries. Each is for one kind of change,
 * joins on the execution and its token, and returns the executions that it changed.
 */
public final class EntryStatement {

  /**
   * Locked in the order of ids, against takeover and cancel, before anything is written for them. A
   * statement that has waited for a lock still sees what it saw before, but for the locked row
   * itself: where more matters, {@link EntryLockStatement} is sent first.
   */
  private static final String OWNED =
      """
      owned as materialized (
        select o.id, o.token
        from ${rows: id uuid, token bigint} as o
        cross join lateral (
          select 1 from ${schema}.workflow_executions e
          where e.id = o.id and e.lock_token = o.token and ${owned}
          for no key update
        ) as e
      )
      """;

  private static final String STEPS =
      """
      with ${clock}, ${owners}
      insert into ${schema}.step_executions as s
        (workflow_id, seq, step_name, path, step_type, attempt, status, output, error,
         started_at, completed_at, wake_at, compensation_for, is_compensation, child_workflow_id,
         compensated_by, input)
      select r.id, r.seq, r.name, r.path, r.type, r.attempt, r.status,
             r.output::json, r.error::jsonb,
             coalesce(r.began, ${after: - r.elapsed}),
             case when r.status not in ('running', 'waiting') then ${time} end,
             coalesce(${after: r.wake}, r.at), r.compensates, r.compensates is not null, r.child,
             r.undone_by, r.body_input::json
      from ${rows: id uuid, token bigint, seq int, name text, path text, type text, attempt int,
                   status text, output text, error text, elapsed bigint, wake bigint,
                   at timestamptz, compensates text, child uuid, began timestamptz,
                   undone_by text, body_input text} as r
      join owned on owned.id = r.id and owned.token = r.token
      ${conflict}
      returning s.workflow_id
      """;

  /**
   * The row of an earlier state, if there is one, keeps its begin and the child that it started. A
   * row that has an end never gets another, unless it is of progress, which is replaced.
   */
  private static final String CLOSES =
      """
      on conflict (workflow_id, seq) do update
        set status = excluded.status, attempt = excluded.attempt, output = excluded.output,
            error = excluded.error, completed_at = excluded.completed_at,
            wake_at = coalesce(excluded.wake_at,
                               case when s.step_type in ('wait', 'child') then s.wake_at end)
        where s.status in ('running', 'waiting') or s.step_type = 'progress'
      """;

  private static final StatementTemplate ADD =
      new StatementTemplate("EntryStatement.ADD", steps(""));
  private static final StatementTemplate CLOSE =
      new StatementTemplate("EntryStatement.CLOSE", steps(CLOSES));

  private static final StatementTemplate FORGET =
      new StatementTemplate(
          "EntryStatement.FORGET",
          """
      delete from ${schema}.step_executions s
      using ${rows: id uuid, token bigint, seq int} as r
      join ${schema}.workflow_executions e on e.id = r.id and e.lock_token = r.token and ${owned}
      where s.workflow_id = r.id and s.seq = r.seq
      """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(ADD, CLOSE, FORGET);

  private final String add;
  private final String close;
  private final String forget;

  EntryStatement(Schema schema) {
    this.add = schema.of(ADD);
    this.close = schema.of(CLOSE);
    this.forget = schema.of(FORGET);
  }

  private static String steps(String conflict) {
    return STEPS.replace("${owners}", OWNED).replace("${conflict}", conflict);
  }

  /** Writes rows of history; collects the executions of those written. */
  void write(Pipeline pipeline, EntryBatch batch, Collection<UUID> owned) {
    steps(pipeline, add, batch, batch.added(), owned);
    steps(pipeline, close, batch, batch.closed(), owned);
    if (!batch.forgotten().isEmpty()) {
      List<Owned<Integer>> rows = batch.forgotten();
      pipeline.add(
          forget,
          bind -> bind.uuids(rows, Owned::id).longs(rows, Owned::token).ints(rows, Owned::part));
    }
  }

  private static void steps(
      Pipeline pipeline,
      String text,
      EntryBatch batch,
      List<Owned<StepRow>> rows,
      Collection<UUID> owned) {
    if (!rows.isEmpty()) {
      pipeline.add(
          text,
          bind -> bind(bind, batch, rows),
          result -> {
            while (result.next()) {
              owned.add(result.getObject(1, UUID.class));
            }
          });
    }
  }

  private static void bind(Parameters bind, EntryBatch batch, List<Owned<StepRow>> rows)
      throws SQLException {
    Ownership.bind(bind.now(), batch.owners())
        .uuids(rows, Owned::id)
        .longs(rows, Owned::token)
        .ints(rows, row -> row.part().seq())
        .texts(rows, row -> row.part().name())
        .texts(rows, row -> row.part().path())
        .texts(rows, row -> row.part().type().text())
        .ints(rows, row -> row.part().attempt())
        .texts(rows, row -> row.part().status().text())
        .texts(rows, row -> row.part().output())
        .texts(rows, row -> row.part().error())
        .longs(rows, row -> StorableTime.micros(row.part().elapsed()))
        .longs(rows, row -> StorableTime.micros(row.part().next().in()))
        .times(rows, row -> row.part().next().at())
        .texts(rows, row -> row.part().compensates())
        .uuids(rows, row -> row.part().child())
        .times(rows, row -> row.part().began().at())
        .texts(rows, row -> row.part().undoneBy())
        .texts(rows, row -> row.part().bodyInput());
  }
}
