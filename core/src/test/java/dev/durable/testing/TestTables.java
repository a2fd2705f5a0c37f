package dev.durable.testing;

import java.util.List;

/** Durable's tables as a database administrator sees them. */
public interface TestTables extends TestSql {

  /** In an order in which each may become unlogged: a logged table refers to logged ones only. */
  List<String> TABLES =
      List.of(
          "pending_inputs",
          "pending_events",
          "wait_groups",
          "workflow_executions",
          "step_executions");

  /** The constraint of {@link #rejectResults}. */
  String REJECTED = "rejected_by_the_test";

  /** Saves the time for write-ahead log where a test fills the tables with many rows. */
  default void makeUnlogged() {
    TABLES.forEach(table -> script("alter table durable." + table + " set unlogged"));
  }

  /** Lets the statistics stay as the test makes them. */
  default void stopAutovacuum() {
    TABLES.forEach(
        table -> script("alter table durable." + table + " set (autovacuum_enabled = off)"));
  }

  /** Lets the database reject results of steps whose text is like a pattern. */
  default void rejectResults(String pattern) {
    script(
        "alter table durable.step_executions add constraint "
            + REJECTED
            + " check (output is null or output::text not like '"
            + pattern
            + "')");
  }

  /** Ends {@link #rejectResults}. */
  default void acceptResults() {
    script("alter table durable.step_executions drop constraint " + REJECTED);
  }

  /** A later version of the library has applied a migration that this one does not know. */
  default void addMigration(long version) {
    update("insert into durable.durable_schema_migrations values (?, 'x', now())", version);
  }

  /** Ends all sessions of this database but the one that runs the statement. */
  default void endOtherSessions() {
    rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and pid <> pg_backend_pid()");
  }

  /** Waits until at least this many sessions wait for locks of others. */
  default void awaitBlocked(int sessions) {
    Gate.until(
        () ->
            number(
                    "select count(*) from pg_stat_activity"
                        + " where datname = current_database() and wait_event_type = 'Lock'")
                >= sessions);
  }

  /**
   * Waits until no other session is in a transaction: the server has rolled back those whose
   * connection broke.
   */
  default void awaitNoTransactions() {
    Gate.until(
        () ->
            number(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                        + " and backend_type = 'client backend' and xact_start is not null"
                        + " and pid <> pg_backend_pid()")
                == 0);
  }

  /** The server ends the sessions that stand still in a transaction. */
  default void endIdleTransactions() {
    rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and state = 'idle in transaction'");
    awaitNoTransactions();
  }
}
