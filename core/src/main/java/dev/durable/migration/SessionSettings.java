package dev.durable.migration;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of one transaction. Roles, databases and pools have defaults of their own, which must
 * not decide whether a migration works. Everything here ends with the transaction.
 */
final class SessionSettings {

  /**
   * Read committed shows what another migration committed while we waited for it; a stricter
   * default would show the time before.
   */
  private static final String READS = "set transaction isolation level read committed";

  /**
   * The same, but PostgreSQL's own functions and operators come first. They do anyway in a path
   * that does not name pg_catalog, which is not changed: the driver forgets what it has prepared
   * when the server tells it of another path.
   */
  private static final String SAFE_PATH =
      """
      case when pg_catalog.strpos(pg_catalog.lower(pg_catalog.current_setting('search_path')),
                                  'pg_catalog') operator(pg_catalog.>) 1
           then pg_catalog.concat('pg_catalog, ', pg_catalog.current_setting('search_path'))
           else pg_catalog.current_setting('search_path') end""";

  /**
   * A large table takes longer than a query may. The time that it may wait for a lock on a table
   * stays as it is: it protects the others, who would queue up behind us.
   */
  private static final String LIMITS =
      """
      ; set local statement_timeout = 0
      ; set local idle_in_transaction_session_timeout = 0
      ; select pg_catalog.set_config(name, '0', true) from pg_catalog.pg_settings
        where name operator(pg_catalog.=) 'transaction_timeout'
      ; select pg_catalog.set_config('search_path', %s, true)
      """
          .formatted(SAFE_PATH);

  private static final String SHIELD =
      """
      with found as materialized (
        select pg_catalog.current_setting('search_path') as path,
               pg_catalog.current_setting('lock_timeout') as lock_timeout)
      select path, lock_timeout, pg_catalog.set_config('search_path', %s, true) from found
      """
          .formatted(SAFE_PATH);

  private static final Map<String, String> OUTSIDE =
      Map.of(
          "statement_timeout", "0",
          "lock_timeout", "0",
          "search_path", "pg_catalog",
          "default_transaction_isolation", "read committed",
          "default_transaction_read_only", "off");

  private SessionSettings() {}

  /** For the first statement of a transaction of our own. */
  static void begin(Connection connection, boolean writes) throws SQLException {
    execute(connection, READS + (writes ? ", read write" : "") + LIMITS);
  }

  /** What a transaction of the caller's had before. */
  record Found(String searchPath, String lockTimeout) {}

  /** Keeps the caller's own functions and operators from taking the place of PostgreSQL's. */
  static Found shield(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SHIELD)) {
      row.next();
      return new Found(row.getString(1), row.getString(2));
    }
  }

  static void unshield(Connection connection, Found found) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select pg_catalog.set_config('search_path', ?, true), pg_catalog.set_config('lock_timeout', ?, true)")) {
      statement.setString(1, found.searchPath);
      statement.setString(2, found.lockTimeout);
      statement.execute();
    }
  }

  /**
   * Runs statements outside a transaction. Building an index concurrently waits for others without
   * holding them up, so nothing limits that.
   */
  static <T extends @Nullable Object> T during(
      Connection connection, Transactions.Work<Connection, T> work) throws SQLException {
    Map<String, String> found = new LinkedHashMap<>();
    for (Map.Entry<String, String> setting : OUTSIDE.entrySet()) {
      found.put(setting.getKey(), change(connection, setting.getKey(), setting.getValue()));
    }
    T result;
    try {
      result = work.apply(connection);
    } catch (Migrator.BusyException another) {
      throw another;
    } catch (SQLException failure) {
      throw new Transactions.OutsideException(failure);
    } finally {
      // A connection of the caller's; on a broken one there is nothing to restore.
      if (connection.isValid(1)) {
        for (Map.Entry<String, String> setting : found.entrySet()) {
          change(connection, setting.getKey(), setting.getValue());
        }
      }
    }
    return result;
  }

  /** The value that it had before. */
  private static String change(Connection connection, String name, String value)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "with found as materialized (select pg_catalog.current_setting(?) as value) select value, pg_catalog.set_config(?, ?, false) from found")) {
      statement.setString(1, name);
      statement.setString(2, name);
      statement.setString(3, value);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
