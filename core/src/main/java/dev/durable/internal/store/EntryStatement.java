package dev.durable.internal.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The statement that writes a batch of entries: locks what is still owned, adds and closes rows of
 * history, and moves executions on. What a batch does not need is left out of its text.
 */
final class EntryStatement {

  /**
   * The owner's rows are locked, in id order, against takeover and cancel before anything is
   * written for them; what is not owned (any more) is left out.
   */
  private static final String OWNED =
      """
      with owned as materialized (
        select e.id
        from unnest(?::uuid[], ?::bigint[]) as o(id, token)
        cross join lateral (
          select e.id from ${schema}.workflow_executions e
          where e.id = o.id and e.lock_token = o.token and e.status = 'running'
          for no key update
        ) e
      )
      """;

  private static final String STEPS =
      """
      , steps as (
        select r.*, r.output::jsonb as output_json, r.error::jsonb as error_json
        from unnest(?::uuid[], ?::int[], ?::text[], ?::text[], ?::text[], ?::int[], ?::text[],
                    ?::text[], ?::text[], ?::bigint[], ?::bool[])
          as r(id, seq, name, path, type, attempt, status, output, error, elapsed, opened)
        join owned using (id)
      ), added as (
        insert into ${schema}.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, error,
           started_at, completed_at)
        select id, seq, name, path, type, attempt, status, output_json, error_json,
               ${now} - elapsed * interval '1 microsecond',
               case when status <> 'running' then ${now} end
        from steps where not opened
      )
      """;

  private static final String CLOSED =
      """
      , closed as (
        update ${schema}.step_executions s
        set status = r.status, output = r.output_json, error = r.error_json,
            completed_at = ${now}
        from steps r
        where r.opened and s.workflow_id = r.id and s.seq = r.seq
      )
      """;

  private static final String MOVED =
      """
      , moved as (
        update ${schema}.workflow_executions e
        set status = t.status, output = t.output::jsonb, error = t.error::jsonb,
            current_step = t.current_step, locked_by = null, updated_at = ${now},
            completed_at = case when t.status in ('completed', 'failed', 'cancelled')
                                then ${now} end,
            wake_at = least(${now} + t.wake * interval '1 microsecond',
                            case when t.wake is not null then e.deadline_at end)
        from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
          as t(id, status, output, error, current_step, wake)
        join owned using (id)
        where e.id = t.id
      )
      """;

  private static final int WITH_STEPS = 1;
  private static final int WITH_CLOSED = 2;
  private static final int WITH_MOVED = 4;

  private final String[] texts = new String[8];

  EntryStatement(Sql sql) {
    for (int parts = 0; parts < texts.length; parts++) {
      texts[parts] =
          sql.of(
              OWNED
                  + ((parts & WITH_STEPS) != 0 ? STEPS : "")
                  + ((parts & WITH_CLOSED) != 0 ? CLOSED : "")
                  + ((parts & WITH_MOVED) != 0 ? MOVED : "")
                  + "select id from owned");
    }
  }

  /** The rows of one batch, sorted into the statement's parts. */
  static final class Batch {
    private final List<Identified> owners;
    private final List<EntryRow> steps;
    private final List<EntryRow> moves;

    Batch(List<EntryRow> rows) {
      owners = new ArrayList<>(new LinkedHashSet<>(rows.stream().map(EntryRow::owner).toList()));
      owners.sort((a, b) -> compareAsDatabase(a.id(), b.id()));
      steps = rows.stream().filter(row -> row.step() != null).toList();
      moves = rows.stream().filter(row -> row.transition() != null).toList();
    }

    private boolean closes() {
      return steps.stream().map(EntryRow::step).anyMatch(StepRow::opened);
    }
  }

  /** The text for a batch. */
  String text(Batch batch) {
    int parts =
        (batch.steps.isEmpty() ? 0 : WITH_STEPS)
            + (batch.closes() ? WITH_CLOSED : 0)
            + (batch.moves.isEmpty() ? 0 : WITH_MOVED);
    return texts[parts];
  }

  void bind(Bind bind, Batch batch) throws SQLException {
    bind.uuids(batch.owners, Identified::id).longs(batch.owners, Identified::token);
    if (!batch.steps.isEmpty()) {
      List<StepRow> step = batch.steps.stream().map(EntryRow::step).toList();
      bind.uuids(batch.steps, row -> row.owner().id())
          .ints(step, StepRow::seq)
          .texts(step, StepRow::name)
          .texts(step, StepRow::path)
          .texts(step, row -> row.type().text())
          .ints(step, StepRow::attempt)
          .texts(step, row -> row.status().text())
          .texts(step, StepRow::output)
          .texts(step, StepRow::error)
          .longs(step, row -> Bind.micros(row.elapsed()))
          .flags(step, StepRow::opened);
    }
    if (!batch.moves.isEmpty()) {
      List<Transition> move = batch.moves.stream().map(EntryRow::transition).toList();
      bind.uuids(batch.moves, row -> row.owner().id())
          .texts(move, row -> row.status().text())
          .texts(move, Transition::output)
          .texts(move, Transition::error)
          .texts(move, Transition::currentStep)
          .longs(move, row -> Bind.micros(row.wakeIn()));
    }
  }

  /** The executions that are still owned. */
  static Set<UUID> owned(ResultSet result) throws SQLException {
    Set<UUID> ids = new HashSet<>();
    while (result.next()) {
      ids.add(result.getObject(1, UUID.class));
    }
    return ids;
  }

  /** PostgreSQL orders UUIDs as unsigned bytes; Java's compareTo treats the halves as signed. */
  private static int compareAsDatabase(UUID a, UUID b) {
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
  }
}
