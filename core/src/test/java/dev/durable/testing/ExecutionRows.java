package dev.durable.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Executions and histories that no run has written, and changes of those that one has. */
public interface ExecutionRows extends TestSql {

  /** Lets clients start executions in the default queue, as if a worker had been there before. */
  default void createDefaultQueue() {
    update("insert into durable.queues values ('default', now()) on conflict do nothing");
  }

  /** Keeps an execution from all workers, until {@link #showToClaims}. */
  default void hideFromClaims(UUID id) {
    update("update durable.workflow_executions set queue = 'elsewhere' where id = ?", id);
  }

  /** Puts an execution back into the default queue. */
  default void showToClaims(UUID id) {
    update("update durable.workflow_executions set queue = 'default' where id = ?", id);
  }

  /**
   * Inserts an execution that a worker owns and does not run, such as one whose claim was lost.
   *
   * @param fingerprint of the definition that moved it last, or null
   * @param input JSON
   */
  default UUID addOwned(UUID worker, String workflow, @Nullable String fingerprint, String input) {
    UUID execution = UUID.randomUUID();
    update(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, fingerprint, status, input, locked_by, lock_token,
           started_at, inserted_at, updated_at)
        values (?, ?, 1, ?, 'running', ?::jsonb, ?, 1, now(), now(), now())
        """,
        execution,
        workflow,
        fingerprint,
        input,
        worker);
    return execution;
  }

  /**
   * Inserts executions in the default queue, to be claimed at a time. All but the number is SQL,
   * which may use {@code n}, the number of each from 1.
   *
   * @param fingerprint of the definition that moved it last
   * @param due when it is to be claimed
   * @param updated when it was changed last: one that was due only after that has slept
   */
  default void addPending(
      int count, String workflow, String fingerprint, String priority, String due, String updated) {
    script(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, fingerprint, status, priority, input, wake_at,
           inserted_at, updated_at)
        select gen_random_uuid(), %s, 1, %s, 'pending', %s, '{}', %s, now(), %s
        from generate_series(1, %d) n
        """
            .formatted(workflow, fingerprint, priority, due, updated, count));
  }

  /** Inserts a row of history: an attempt that ends now; the result of a completed one is "abc". */
  default void addStep(UUID id, int seq, String path, int attempt, String status) {
    addStep(id, seq, path, attempt, status, Duration.ZERO);
  }

  /** Inserts a row of history: an attempt that ended that long ago. */
  default void addStep(
      UUID id, int seq, String path, int attempt, String status, Duration sinceItsEnd) {
    update(
        """
        insert into durable.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, error, wake_at,
           started_at, completed_at)
        select ?, ?, path, path, 'step', ?, status,
               case when status = 'completed' then '"abc"'::jsonb end,
               case when status = 'failed' then '{"type": "t", "message": "m"}'::jsonb end,
               case when status = 'failed' then now() end,
               now(), now() - ? * interval '1 microsecond'
        from (values (?, ?)) as row (path, status)
        """,
        id,
        seq,
        attempt,
        TimeUnit.MICROSECONDS.convert(sinceItsEnd),
        path,
        status);
  }

  /** An execution has been claimed before: only then does a claim read its history. */
  default void markClaimed(UUID id) {
    update(
        "update durable.workflow_executions set lock_token = 1, started_at = now() where id = ?",
        id);
  }

  /** A worker takes an execution over, or claims it, and does not run it. */
  default void giveTo(UUID worker, UUID id) {
    update(
        "update durable.workflow_executions"
            + " set locked_by = ?, lock_token = lock_token + 1, wake_at = null where id = ?",
        worker,
        id);
  }

  /** A worker gives up a waiting execution that has other work to do. */
  default void makePending(UUID id) {
    update(
        "update durable.workflow_executions set status = 'pending', wake_at = now() where id = ?",
        id);
  }

  /** An execution is parked, as when its history cannot be read. */
  default void park(UUID id) {
    update(
        """
        update durable.workflow_executions
        set status = 'parked', wake_at = null, error = '{"type": "t", "message": "m"}'
        where id = ?
        """,
        id);
  }

  /** That many workers have been lost with an execution, which has made no progress since. */
  default void setRecoveries(UUID id, int recoveries) {
    update(
        "update durable.workflow_executions set recoveries = ?, updated_at = now() where id = ?",
        recoveries,
        id);
  }

  /** Replaces the input of an execution, which its workflow may not be able to read. */
  default void setInput(UUID id, String json) {
    update("update durable.workflow_executions set input = ?::jsonb where id = ?", json, id);
  }

  /** Whether a worker owns an execution. */
  default boolean isOwned(UUID id) {
    return number(
            "select count(*) from durable.workflow_executions"
                + " where id = ? and locked_by is not null",
            id)
        > 0;
  }

  /** Removes all executions: what earlier tests of the class left would be claimed, too. */
  default void deleteExecutions() {
    script("delete from durable.workflow_executions; delete from durable.step_executions");
  }

  /** Locks an execution in an open transaction, as an application may with SQL of its own. */
  static void lock(Connection connection, UUID id) throws SQLException {
    lock(connection, id, "for update");
  }

  /** Locks an execution in an open transaction, as its owner does, or a cancel. */
  static void lockAsAnEntryDoes(Connection connection, UUID id) throws SQLException {
    lock(connection, id, "for no key update");
  }

  private static void lock(Connection connection, UUID id, String how) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement lock =
        connection.prepareStatement(
            "select 1 from durable.workflow_executions where id = ? " + how)) {
      lock.setObject(1, id);
      lock.execute();
    }
  }
}
