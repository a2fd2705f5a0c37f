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

/** The statement with which executions of a batch leave their owners. */
public final class TransitionStatement {

  /**
   * The rows have been locked in their order by an earlier statement of the batch.
   *
   * <p>An execution is due at once if a signal that decides one of its waits has been sent already.
   * All waits have been written, and no other session can send before we commit.
   */
  private static final StatementTemplate MOVE =
      new StatementTemplate(
          "TransitionStatement.MOVE",
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
      """
              .replace("${decided}", SignalSql.ANY_DECIDED));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(MOVE);

  private final String move;

  TransitionStatement(Schema schema) {
    this.move = schema.of(MOVE);
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
