package dev.durable.migration;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

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

  /** The same, but PostgreSQL's own functions and operators come first. */
  private static final String SAFE_PATH =
      """
      case when pg_catalog.current_setting('search_path') operator(pg_catalog.=) ''
           then 'pg_catalog'
           else pg_catalog.concat('pg_catalog, ', pg_catalog.current_setting('search_path')) end""";

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
      with found as materialized (select pg_catalog.current_setting('search_path') as path)
      select path, pg_catalog.set_config('search_path', %s, true) from found
      """
          .formatted(SAFE_PATH);

  private SessionSettings() {}

  /** For the first statement of a transaction of our own. */
  static void begin(Connection connection, boolean writes) throws SQLException {
    execute(connection, READS + (writes ? ", read write" : "") + LIMITS);
  }

  /**
   * Keeps the caller's own functions and operators from taking the place of PostgreSQL's.
   *
   * @return the search path as it was
   */
  static String shield(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SHIELD)) {
      row.next();
      return row.getString(1);
    }
  }

  static void unshield(Connection connection, String searchPath) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_catalog.set_config('search_path', ?, true)")) {
      statement.setString(1, searchPath);
      statement.execute();
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
