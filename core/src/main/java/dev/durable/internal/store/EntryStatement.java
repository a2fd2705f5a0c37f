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
          where e.id = o.id and e.lock_token = o.token and e.locked_by is not null
          for no key update
        ) e
      )
      """;

  private static final String STEPS =
      """
      , steps as (
        select r.*, r.output::jsonb as output_json, r.error::jsonb as error_json
        from unnest(?::uuid[], ?::int[], ?::text[], ?::text[], ?::text[], ?::int[], ?::text[],
                    ?::text[], ?::text[], ?::bigint[], ?::bool[], ?::bigint[], ?::text[])
          as r(id, seq, name, path, type, attempt, status, output, error, elapsed, opened,
               wake, compensates)
        join owned using (id)
      ), added as (
        insert into ${schema}.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, error,
           started_at, completed_at, wake_at, compensation_for, is_compensation)
        select id, seq, name, path, type, attempt, status, output_json, error_json,
               ${now} - elapsed * interval '1 microsecond',
               case when status not in ('running', 'waiting') then ${now} end,
               ${now} + wake * interval '1 microsecond', compensates, compensates is not null
        from steps where opened is not true
      )
      """;

  private static final String CLOSED =
      """
      , closed as (
        update ${schema}.step_executions s
        set status = r.status, attempt = r.attempt, output = r.output_json,
            error = r.error_json, wake_at = ${now} + r.wake * interval '1 microsecond',
            completed_at = case when r.status <> 'waiting' then ${now} end
        from steps r
        where r.opened and s.workflow_id = r.id and s.seq = r.seq
      )
      """;

  private static final String FORGOTTEN =
      """
      , forgotten as (
        delete from ${schema}.step_executions s
        using unnest(?::uuid[], ?::int[]) as f(id, seq) join owned using (id)
        where s.workflow_id = f.id and s.seq = f.seq
      )
      """;

  private static final String MOVED =
      """
      , moved as (
        update ${schema}.workflow_executions e
        set status = t.status, output = t.output::jsonb, error = t.error::jsonb,
            current_step = t.current_step, locked_by = null, updated_at = ${now},
            completed_at = case when t.final then ${now} end,
            compensation_results = coalesce(t.compensation::jsonb, e.compensation_results),
            compensated_at = case when t.status = 'compensated' then ${now} end,
            wake_at = least(${now} + t.wake * interval '1 microsecond',
                            case when t.wake is not null and t.status <> 'compensating'
                                 then e.deadline_at end)
        from unnest(?::uuid[], ?::text[], ?::bool[], ?::text[], ?::text[], ?::text[], ?::bigint[],
                    ?::text[])
          as t(id, status, final, output, error, current_step, wake, compensation)
        join owned using (id)
        where e.id = t.id
      )
      """;

  private static final int WITH_STEPS = 1;
  private static final int WITH_CLOSED = 2;
  private static final int WITH_FORGOTTEN = 4;
  private static final int WITH_MOVED = 8;

  private final String[] texts = new String[16];

  EntryStatement(Sql sql) {
    for (int parts = 0; parts < texts.length; parts++) {
      texts[parts] =
          sql.of(
              OWNED
                  + ((parts & WITH_STEPS) != 0 ? STEPS : "")
                  + ((parts & WITH_CLOSED) != 0 ? CLOSED : "")
                  + ((parts & WITH_FORGOTTEN) != 0 ? FORGOTTEN : "")
                  + ((parts & WITH_MOVED) != 0 ? MOVED : "")
                  + "select id from owned");
    }
  }

  /** The rows of one batch, sorted into the statement's parts. */
  static final class Batch {
    private final List<Identified> owners;
    private final List<Owned<StepRow>> steps = new ArrayList<>();
    private final List<Owned<Integer>> forgotten = new ArrayList<>();
    private final List<Owned<Transition>> moves = new ArrayList<>();

    Batch(List<EntryRow> rows) {
      owners = new ArrayList<>(new LinkedHashSet<>(rows.stream().map(EntryRow::owner).toList()));
      owners.sort((a, b) -> compareAsDatabase(a.id(), b.id()));
      for (EntryRow row : rows) {
        UUID id = row.owner().id();
        row.steps().forEach(step -> steps.add(new Owned<>(id, step)));
        row.forgotten().forEach(seq -> forgotten.add(new Owned<>(id, seq)));
        Transition transition = row.transition();
        if (transition != null) {
          moves.add(new Owned<>(id, transition));
        }
      }
    }

    private boolean closes() {
      return steps.stream().anyMatch(step -> step.part().opened());
    }
  }

  /** A part of an entry, and whose it is. */
  private record Owned<T>(UUID id, T part) {}

  /** The text for a batch. */
  String text(Batch batch) {
    int parts =
        (batch.steps.isEmpty() ? 0 : WITH_STEPS)
            + (batch.closes() ? WITH_CLOSED : 0)
            + (batch.forgotten.isEmpty() ? 0 : WITH_FORGOTTEN)
            + (batch.moves.isEmpty() ? 0 : WITH_MOVED);
    return texts[parts];
  }

  void bind(Bind bind, Batch batch) throws SQLException {
    bind.uuids(batch.owners, Identified::id).longs(batch.owners, Identified::token);
    if (!batch.steps.isEmpty()) {
      List<StepRow> step = batch.steps.stream().map(Owned::part).toList();
      bind.uuids(batch.steps, Owned::id)
          .ints(step, StepRow::seq)
          .texts(step, StepRow::name)
          .texts(step, StepRow::path)
          .texts(step, row -> row.type().text())
          .ints(step, StepRow::attempt)
          .texts(step, row -> row.status().text())
          .texts(step, StepRow::output)
          .texts(step, StepRow::error)
          .longs(step, row -> Bind.micros(row.elapsed()))
          .flags(step, row -> row.opened() ? true : null)
          .longs(step, row -> Bind.micros(row.wakeIn()))
          .texts(step, StepRow::compensates);
    }
    if (!batch.forgotten.isEmpty()) {
      bind.uuids(batch.forgotten, Owned::id).ints(batch.forgotten, Owned::part);
    }
    if (!batch.moves.isEmpty()) {
      List<Transition> move = batch.moves.stream().map(Owned::part).toList();
      bind.uuids(batch.moves, Owned::id)
          .texts(move, row -> row.status().text())
          .flags(move, row -> row.status().isFinal())
          .texts(move, Transition::output)
          .texts(move, Transition::error)
          .texts(move, Transition::currentStep)
          .longs(move, row -> Bind.micros(row.wakeIn()))
          .texts(move, Transition::compensation);
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
