package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;

/**
 * The statements around a transaction of the engine: its isolation, and limits that end with it.
 * They travel in the same round trip, so that the defaults of the session, the role, the database
 * and the pool do not matter, and nothing has to be restored.
 *
 * @param settings the statement that sets the limits, and returns the number of the session and the
 *     time at which the transaction began
 * @param observers get both
 */
public record TransactionFrame(String settings, DatabaseObservers observers) {

  /** The first statement of a transaction that the driver begins, with the limits of its user. */
  public static final String ISOLATION =
      "set transaction isolation level read committed, read write";

  /** The last statement. */
  static final String CLOSING = "commit";

  /**
   * Names without a schema, operators above all, are looked up in pg_catalog first. A path that
   * does not name pg_catalog begins with it anyway (PostgreSQL manual, 20.11.1), and is not
   * changed: from version 18 on the server tells the driver of another path between two round
   * trips, and the driver then forgets all that it has prepared. The rest of a path that is changed
   * stays, for triggers that users have put on our tables.
   */
  private static final String PATH =
      """
      pg_catalog.set_config('search_path',
        case when pg_catalog.strpos(pg_catalog.lower(pg_catalog.current_setting('search_path')),
                                    'pg_catalog') operator(pg_catalog.>) 1
             then pg_catalog.textcat('pg_catalog, ', pg_catalog.current_setting('search_path'))
             else pg_catalog.current_setting('search_path') end,
        true)""";

  /**
   * Sent before statements of ours in a caller's transaction. A plan that stays in that session
   * must not scan our tables either when they have grown.
   */
  static final String ENTERING =
      "select pg_catalog.set_config('durable.search_path',"
          + " pg_catalog.current_setting('search_path'), true), "
          + PATH
          + ", pg_catalog.set_config('durable.enable_seqscan',"
          + " pg_catalog.current_setting('enable_seqscan'), true), "
          + set("enable_seqscan", "off");

  /** Sent after them. */
  static final String LEAVING =
      "select pg_catalog.set_config('search_path',"
          + " pg_catalog.current_setting('durable.search_path'), true),"
          + " pg_catalog.set_config('enable_seqscan',"
          + " pg_catalog.current_setting('durable.enable_seqscan'), true)";

  private static final Duration NEVER_IDLE = Duration.ofSeconds(10);

  /**
   * A transaction whose statements are limited.
   *
   * @param statement the longest time for each
   * @param lock the longest time to wait for a lock
   */
  public static TransactionFrame of(Duration statement, Duration lock) {
    return of(statement, lock, new DatabaseObservers(new PoolWatch()));
  }

  static TransactionFrame of(Duration statement, Duration lock, DatabaseObservers observers) {
    return new TransactionFrame(settings(statement, lock), observers);
  }

  /**
   * The same for statements that are executed again and again. A plan made while the tables were
   * small must not scan them when they have grown. And one plan must do: PostgreSQL would plan
   * short arrays anew each time, which costs more than it saves.
   */
  public TransactionFrame repeated() {
    return new TransactionFrame(
        settings
            + ", "
            + set("enable_seqscan", "off")
            + ", "
            + set("plan_cache_mode", "force_generic_plan"),
        observers);
  }

  /** The same for changes that may be lost: the commit does not wait for the disk. */
  TransactionFrame forgetful() {
    return new TransactionFrame(settings + ", " + set("synchronous_commit", "off"), observers);
  }

  /** The statements before those of a transaction of its own. */
  String opening() {
    return "begin isolation level read committed, read write;\n" + settings + ", " + PATH;
  }

  /** The statements before those of a transaction that the driver begins. */
  public String first() {
    return ISOLATION + ";\n" + settings;
  }

  Pooler pooler() {
    return observers.pooler();
  }

  /** Notes what the database answers to the settings. */
  void answered(Connection connection, ResultSet settings) throws SQLException {
    if (settings.next()) {
      pooler().compare(connection, settings.getInt(1));
      observers.clock().saw(settings.getObject(2, OffsetDateTime.class).toInstant());
    }
  }

  /** PostgreSQL 17 and newer limit whole transactions; older ones do not know the setting. */
  private static String settings(Duration statement, Duration lock) {
    return "select pg_catalog.pg_backend_pid(), pg_catalog.transaction_timestamp(), "
        + set("statement_timeout", String.valueOf(statement.toMillis()))
        + ", "
        + set("lock_timeout", String.valueOf(lock.toMillis()))
        + ", "
        + set("idle_in_transaction_session_timeout", String.valueOf(NEVER_IDLE.toMillis()))
        + ", case when pg_catalog.current_setting('transaction_timeout', true) is not null then "
        + set("transaction_timeout", "0")
        + " end, "
        + set("array_nulls", "on")
        + ", "
        + set("jit", "off");
  }

  private static String set(String name, String value) {
    return "pg_catalog.set_config('" + name + "', '" + value + "', true)";
  }
}
