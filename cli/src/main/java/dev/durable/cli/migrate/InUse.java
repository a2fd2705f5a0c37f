package dev.durable.cli.migrate;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The workers and executions that would be lost with the tables of a schema.
 *
 * @param workers the number of workers with a heartbeat younger than their lease
 * @param executions the number of executions that have not ended, parked ones included
 */
record InUse(long workers, long executions) {

  private static final String EXISTS =
      """
      select exists (select from pg_catalog.pg_class c
                     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = ? and c.relname = ?)
      """;

  private static final String LIVE_WORKERS =
      "select count(*) from %s.workers where dead_at is null and heartbeat_at + lease > now()";

  private static final String OPEN_EXECUTIONS =
      """
      select count(*) from %s.workflow_executions where status not in
        ('completed', 'failed', 'cancelled', 'compensated', 'compensation_failed')
      """;

  /** Counts them; a missing table counts as empty. */
  static InUse of(Connection connection, String prefix) throws SQLException {
    return new InUse(
        count(connection, prefix, "workers", LIVE_WORKERS),
        count(connection, prefix, "workflow_executions", OPEN_EXECUTIONS));
  }

  private static long count(Connection connection, String prefix, String table, String query)
      throws SQLException {
    if (!exists(connection, prefix, table)) {
      return 0;
    }
    String schema = '"' + prefix.replace("\"", "\"\"") + '"';
    try (PreparedStatement statement = connection.prepareStatement(query.formatted(schema));
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private static boolean exists(Connection connection, String prefix, String table)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(EXISTS)) {
      statement.setString(1, prefix);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  boolean isNothing() {
    return workers == 0 && executions == 0;
  }

  /** Both numbers, for messages. */
  String words() {
    return counted(workers, "live worker")
        + " and "
        + counted(executions, "execution")
        + (executions == 1 ? " that has not ended" : " that have not ended");
  }

  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
