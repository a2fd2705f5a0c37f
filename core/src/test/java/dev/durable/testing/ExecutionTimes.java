package dev.durable.testing;

import dev.durable.internal.store.jdbc.Schema;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When executions, and what they wait for, are due. No change notifies a worker unless it says so.
 */
public interface ExecutionTimes extends TestSql {

  /** Waits and next attempts are due that much earlier, as if the time had passed. */
  default void letPass(Duration time) {
    update(
        """
        with sleepers as (
          update durable.workflow_executions set wake_at = wake_at - interval '%1$d microseconds'
          where wake_at is not null and status = 'waiting' returning id
        )
        update durable.step_executions s set wake_at = s.wake_at - interval '%1$d microseconds'
        from sleepers where s.workflow_id = sleepers.id and s.status in ('waiting', 'failed')
        """
            .formatted(TimeUnit.MICROSECONDS.convert(time)));
  }

  /** An execution, and all that it waits for, becomes due. */
  default void makeDue(UUID id) {
    makeDue(id, Duration.ZERO);
  }

  /** An execution has been due for that long; all that it waits for becomes due. */
  default void makeDue(UUID id, Duration since) {
    update(
        "update durable.step_executions set wake_at = now()"
            + " where workflow_id = ? and wake_at > now()",
        id);
    update(
        "update durable.workflow_executions set wake_at = now() - ? * interval '1 microsecond'"
            + " where id = ?",
        TimeUnit.MICROSECONDS.convert(since),
        id);
  }

  /** All executions of a workflow become due at once, and the workers of a queue are notified. */
  default void makeDueAndNotify(String workflow, String queue) {
    rows(
        """
        with due as (
          update durable.workflow_executions set wake_at = now() where workflow_name = ? returning 1
        )
        select pg_notify(?, ?), count(*) from due
        """,
        workflow,
        new Schema("durable").channel(),
        "q" + queue);
  }

  /** All waiting executions, and all that they wait for, become due. */
  default void makeAllDue() {
    update("update durable.step_executions set wake_at = now() where wake_at > now()");
    wakeAll();
  }

  /** All waiting executions are claimed, although nothing that they wait for has come. */
  default void wakeAll() {
    update("update durable.workflow_executions set wake_at = now() where status = 'waiting'");
  }

  /**
   * What an execution waits for becomes due that much later, also while a worker runs it.
   *
   * @return the number of its steps that wait for a time
   */
  default int postpone(UUID id, Duration time) {
    return update(
        "update durable.step_executions set wake_at = wake_at + ? * interval '1 microsecond'"
            + " where workflow_id = ? and status = 'waiting' and wake_at is not null",
        TimeUnit.MICROSECONDS.convert(time),
        id);
  }

  /** The timeouts of all questions are over. */
  default void makeQuestionsOverdue() {
    update("update durable.pending_inputs set timeout_at = now()");
  }

  /** The timeout of an execution's workflow is over. */
  default void makeOverdue(UUID id) {
    makeOverdue("id = ?", id);
  }

  /**
   * The timeout of a workflow is over, for all its executions that have not ended.
   *
   * @return their number
   */
  default int makeAllOverdue(String workflow) {
    return makeOverdue("workflow_name = ?", workflow);
  }

  private int makeOverdue(String which, Object parameter) {
    return update(
        """
        update durable.workflow_executions
        set deadline_at = now(), wake_at = case when wake_at is not null then now() end
        where completed_at is null and\s"""
            + which,
        parameter);
  }

  /**
   * Moves the end of an execution's timeout.
   *
   * @param fromNow null removes it
   */
  default void moveDeadline(UUID id, @Nullable Duration fromNow) {
    update(
        "update durable.workflow_executions set deadline_at = now() + ?::float8 * interval '1 second'"
            + " where id = ?",
        fromNow == null ? null : fromNow.toMillis() / 1000.0,
        id);
  }

  /** An execution and its history are that much older. */
  default void age(UUID id, Duration time) {
    long micros = TimeUnit.MICROSECONDS.convert(time);
    update(
        """
        update durable.workflow_executions
        set inserted_at = inserted_at - interval '%1$d microseconds',
            deadline_at = deadline_at - interval '%1$d microseconds'
        where id = ?
        """
            .formatted(micros),
        id);
    update(
        """
        update durable.step_executions
        set started_at = started_at - interval '%1$d microseconds',
            completed_at = completed_at - interval '%1$d microseconds'
        where workflow_id = ?
        """
            .formatted(micros),
        id);
  }
}
