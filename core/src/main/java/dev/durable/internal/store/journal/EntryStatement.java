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
import java.util.function.Consumer;

/**
 * The statements that write the history of a batch of entries and move its executions on. Each is
 * for one kind of change, joins on the execution and its token, and returns the executions that it
 * changed.
 */
public final class EntryStatement {

  /**
   * Locked in the order of ids, against takeover and cancel, before anything is written for them. A
   * statement that has waited for a lock still sees what it saw before, but for the locked row
   * itself: where more matters, {@link #LOCK} is sent first.
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

  /** An execution that ends sends a signal to its parent, and a sender locks the receiver. */
  private static final String NEEDED =
      """
      select r.id, r.token, r.id as needed from ${rows: id uuid, token bigint} as r
      union all
      select r.id, r.token, c.parent_workflow_id
      from ${rows: id uuid, token bigint} as r
      join ${schema}.workflow_executions c on c.id = r.id and c.lock_token = r.token
      order by 3
      """;

  /**
   * Returns for each row whether its execution is still owned. No condition leaves rows out: it
   * would be checked before the lock, and skip that as well.
   */
  private static final String LOCK =
      """
      select n.id, n.token, n.needed = n.id and e.lock_token = n.token and e.owned
      from (${needed}) n
      cross join lateral (
        select e.lock_token, ${owned} as owned
        from ${schema}.workflow_executions e where e.id = n.needed
        for no key update
      ) as e
      """;

  /**
   * Takes the locks that are free. Returns for each row whether a lock of another session keeps it
   * from its owner.
   */
  private static final String LOCK_FREE =
      """
      select n.id, n.token,
             e.id is null
               and exists (select 1 from ${schema}.workflow_executions x where x.id = n.needed)
      from (${needed}) n
      left join lateral (
        select e.id from ${schema}.workflow_executions e where e.id = n.needed
        for no key update skip locked
      ) as e on true
      """;

  private static final String STEPS =
      """
      with ${clock}, ${owners}
      insert into ${schema}.step_executions as s
        (workflow_id, seq, step_name, path, step_type, attempt, status, output, error,
         started_at, completed_at, wake_at, compensation_for, is_compensation, child_workflow_id)
      select r.id, r.seq, r.name, r.path, r.type, r.attempt, r.status,
             r.output::json, r.error::jsonb,
             coalesce(r.began, ${after: - r.elapsed}),
             case when r.status not in ('running', 'waiting') then ${time} end,
             coalesce(${after: r.wake}, r.at), r.compensates, r.compensates is not null, r.child
      from ${rows: id uuid, token bigint, seq int, name text, path text, type text, attempt int,
                   status text, output text, error text, elapsed bigint, wake bigint,
                   at timestamptz, compensates text, child uuid, began timestamptz} as r
      join owned on owned.id = r.id and owned.token = r.token
      ${conflict}
      returning s.workflow_id
      """;

  /**
   * The row of an earlier state, if there is one, keeps its begin and the child that it started. A
   * row that has an end never gets another.
   */
  private static final String CLOSES =
      """
      on conflict (workflow_id, seq) do update
        set status = excluded.status, attempt = excluded.attempt, output = excluded.output,
            error = excluded.error, completed_at = excluded.completed_at,
            wake_at = coalesce(excluded.wake_at,
                               case when s.step_type in ('wait', 'child') then s.wake_at end)
        where s.status in ('running', 'waiting')
      """;

  private static final String FORGET =
      """
      delete from ${schema}.step_executions s
      using ${rows: id uuid, token bigint, seq int} as r
      join ${schema}.workflow_executions e on e.id = r.id and e.lock_token = r.token and ${owned}
      where s.workflow_id = r.id and s.seq = r.seq
      """;

  /**
   * The rows have been locked in their order by an earlier statement of the batch.
   *
   * <p>An execution is due at once if a signal that decides one of its waits has been sent already.
   * All waits have been written, and no other session can send before we commit.
   */
  private static final String MOVE =
      """
      with ${clock}
      update ${schema}.workflow_executions e
      set status = m.status, output = m.output::json,
          error = coalesce(m.error::jsonb, case when m.status = 'compensating' then e.error end),
          current_step = m.current_step, locked_by = null, updated_at = ${time},
          completed_at = case when m.final then ${time} end,
          compensation_results = coalesce(m.compensation::jsonb, e.compensation_results),
          compensated_at = case when m.status = 'compensated' then ${time} end,
          wake_at = least(${after: m.wake}, m.at,
                          case when m.status in ('pending', 'waiting') then e.deadline_at end,
                          case when m.listens and ${decided} then ${time} end)
      from ${rows: id uuid, token bigint, status text, final bool, output text, error text,
                   current_step text, wake bigint, compensation text, listens bool,
                   at timestamptz} as m
      where e.id = m.id and e.lock_token = m.token and ${owned}
      returning e.id, e.queue, e.wake_at <= ${time}
      """;

  private static final StatementTemplate LOCKED =
      template("LOCK", LOCK.replace("${needed}", NEEDED));
  private static final StatementTemplate LOCKED_FREE =
      template("LOCK_FREE", LOCK_FREE.replace("${needed}", NEEDED));
  private static final StatementTemplate ADDED = template("ADD", with(STEPS, ""));
  private static final StatementTemplate CLOSED = template("CLOSE", with(STEPS, CLOSES));
  private static final StatementTemplate FORGOTTEN = template("FORGET", FORGET);
  private static final StatementTemplate MOVED = template("MOVE", with(MOVE, ""));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS =
      List.of(LOCKED, LOCKED_FREE, ADDED, CLOSED, FORGOTTEN, MOVED);

  private final String lock;
  private final String lockFree;
  private final String add;
  private final String close;
  private final String forget;
  private final String move;

  EntryStatement(Schema schema) {
    lock = schema.of(LOCKED);
    lockFree = schema.of(LOCKED_FREE);
    add = schema.of(ADDED);
    close = schema.of(CLOSED);
    forget = schema.of(FORGOTTEN);
    move = schema.of(MOVED);
  }

  private static StatementTemplate template(String name, String text) {
    return new StatementTemplate("EntryStatement." + name, text);
  }

  private static String with(String template, String conflict) {
    return template
        .replace("${owners}", OWNED)
        .replace("${conflict}", conflict)
        .replace("${decided}", SignalSql.ANY_DECIDED);
  }

  /** Locks the executions of a batch; collects those that are still owned. */
  void lock(Pipeline pipeline, EntryBatch batch, Collection<UUID> owned) {
    lock(pipeline, lock, batch, owner -> owned.add(owner.id()));
  }

  /** Locks those executions of a batch that are free; collects the others. */
  void lockFree(Pipeline pipeline, EntryBatch batch, Collection<Ownership> locked) {
    lock(pipeline, lockFree, batch, locked::add);
  }

  private static void lock(
      Pipeline pipeline, String text, EntryBatch batch, Consumer<Ownership> answers) {
    pipeline.add(
        text,
        bind -> Ownership.bind(Ownership.bind(bind, batch.owners()), batch.ended()),
        result -> {
          while (result.next()) {
            if (result.getBoolean(3)) {
              answers.accept(new Ownership(result.getObject(1, UUID.class), result.getLong(2)));
            }
          }
        });
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
        .times(rows, row -> row.part().began().at());
  }

  /** Writes transitions; collects the executions moved, and hints for queues with due work. */
  void move(Pipeline pipeline, EntryBatch batch, Collection<UUID> owned, Collection<String> hints) {
    List<Owned<Transition>> moves = batch.moves();
    if (!moves.isEmpty()) {
      pipeline.add(
          move,
          bind -> bindMoves(bind, moves),
          result -> {
            while (result.next()) {
              owned.add(result.getObject(1, UUID.class));
              if (result.getBoolean(3)) {
                hints.add(Hint.work(result.getString(2)));
              }
            }
          });
    }
  }

  private static void bindMoves(Parameters bind, List<Owned<Transition>> moves)
      throws SQLException {
    bind.now()
        .uuids(moves, Owned::id)
        .longs(moves, Owned::token)
        .texts(moves, move -> move.part().status().text())
        .flags(moves, move -> move.part().status().isFinal())
        .texts(moves, move -> move.part().output())
        .texts(moves, move -> move.part().error())
        .texts(moves, move -> move.part().currentStep())
        .longs(moves, move -> StorableTime.micros(move.part().wake().in()))
        .texts(moves, move -> move.part().compensation())
        .flags(moves, move -> move.part().wake().signals())
        .times(moves, move -> move.part().wake().at());
  }
}
