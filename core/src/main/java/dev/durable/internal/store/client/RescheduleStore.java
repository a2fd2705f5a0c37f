package dev.durable.internal.store.client;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Moves the due time of executions that have not begun, or sleep between attempts. */
public final class RescheduleStore {

  /**
   * The attempts that a step, or an effect, of a resting execution has yet to make: its last row
   * failed and says when the next one is due, and no retry has come since. A retry of the whole
   * workflow has such a row as well. Raising the token makes workers read the history again. An
   * execution that rests for other reasons as well may be woken for those. A start does not move
   * beyond a deadline that stays where it is.
   */
  private static final StatementTemplate MOVE =
      new StatementTemplate(
          "RescheduleStore.MOVE",
          """
          with ${clock}, before as materialized (
            select e.id, e.status, e.status = 'pending' and e.started_at is null as unbegun,
                   e.status in ('waiting', 'compensating') and e.locked_by is null as rests,
                   case when e.deadline_fixed then e.deadline_at end as fixed
            from ${schema}.workflow_executions e where e.id = ?::uuid
          ), wanted as materialized (
            select greatest(coalesce(?::timestamptz, ${after: ?::float8}), ${time}) as due
          ), attempts as materialized (
            select s.workflow_id, s.seq
            from before b join ${schema}.step_executions s on s.workflow_id = b.id
            where b.rests and s.status = 'failed' and s.wake_at is not null
              and s.step_type in ('step', 'transaction', 'decision', 'compensation', 'effect', 'retry')
              and (select true from ${schema}.step_executions l
                   where l.workflow_id = s.workflow_id and l.seq > s.seq
                     and (l.path = s.path or l.step_type = 'retry') limit 1) is null
          ), moved as (
            update ${schema}.step_executions s set wake_at = w.due
            from attempts a, wanted w where s.workflow_id = a.workflow_id and s.seq = a.seq
          ), rescheduled as (
            update ${schema}.workflow_executions e
            set wake_at = case when b.unbegun then w.due else least(e.wake_at, w.due) end,
                scheduled_at = case when b.unbegun then w.due else e.scheduled_at end,
                deadline_at = case
                  when b.unbegun and b.fixed is null then (w.due at time zone 'UTC'
                    + (e.deadline_at - greatest(e.scheduled_at, e.inserted_at)))
                    at time zone 'UTC'
                  else e.deadline_at end,
                lock_token = e.lock_token + 1::bigint, updated_at = ${time}
            from before b, wanted w
            where e.id = b.id
              and (b.unbegun and coalesce(w.due < b.fixed, true)
                or (select true from attempts limit 1))
            returning e.id, e.queue
          )
          select b.status::name, r.id is not null, 'q' || r.queue,
                 case when b.unbegun then b.fixed end
          from before b left join rescheduled r on r.id = b.id
          """);

  public static final List<StatementTemplate> STATEMENTS = List.of(MOVE);

  private final Database database;
  private final Schema schema;
  private final CommandStatement command;

  /**
   * @param database where; its hint sender reports the queues in which something may be due
   * @param schema whose tables
   */
  public RescheduleStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
    this.command = new CommandStatement(schema);
  }

  /**
   * When an execution is to be due: one of the two.
   *
   * @param at the time
   * @param in how long after now
   */
  public record Due(@Nullable Instant at, @Nullable Duration in) {

    private void bind(Parameters bind) throws SQLException {
      (at == null ? bind.never() : bind.time(at)).duration(in);
    }
  }

  /**
   * Makes an execution due at a time, or so long after now.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it has begun and does not sleep between attempts, or would
   *     begin after its deadline
   */
  public void move(UUID id, Due due) {
    Pipeline pipeline = new Pipeline();
    command.lock(pipeline, id);
    pipeline.add(
        schema.of(MOVE),
        bind -> due.bind(bind.now().uuid(id)),
        row -> {
          require(row, id);
          pipeline.hint(row.getString(3));
        });
    pipeline.execute(database, "reschedule execution " + id);
  }

  private void require(ResultSet row, UUID id) throws SQLException {
    if (!row.next()) {
      throw new ExecutionNotFoundException(id, schema.prefix());
    }
    if (!row.getBoolean(2)) {
      ExecutionStatus status = ExecutionStatus.of(row.getString(1));
      OffsetDateTime deadline = row.getObject(4, OffsetDateTime.class);
      if (deadline != null) {
        throw new ExecutionStateException(
            "Cannot reschedule execution "
                + id
                + ": it would begin no earlier than its deadline, which stays at "
                + deadline.toInstant()
                + ".",
            status);
      }
      throw new ExecutionStateException(
          "Cannot reschedule execution "
              + id
              + ": it is "
              + status.text()
              + why(status)
              + ". Only an execution that has not begun, or that sleeps between two attempts of a"
              + " step, can be moved.",
          status);
    }
  }

  private static String why(ExecutionStatus status) {
    return switch (status) {
      case PENDING -> ", has begun, and is due already";
      case RUNNING -> " now";
      case WAITING -> ", and no step of it waits for its next attempt";
      case COMPENSATING -> ", and no compensation of it waits for its next attempt";
      case PARKED -> ": retry(id) lets it go on, giveUp(id, reason) ends it";
      case COMPLETED, FAILED, CANCELLED, COMPENSATED, COMPENSATION_FAILED -> ", it has ended";
    };
  }
}
