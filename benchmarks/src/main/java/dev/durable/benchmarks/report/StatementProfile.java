package dev.durable.benchmarks.report;

import dev.durable.benchmarks.driver.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** PostgreSQL's time per statement, by {@code pg_stat_statements}. */
public final class StatementProfile {

  private static final String TOP =
      """
      select calls, rows, total_exec_time, mean_exec_time, wal_records, wal_bytes, wal_fpi,
             shared_blks_hit, query, plans, total_plan_time
      from pg_stat_statements s join pg_database d on d.oid = s.dbid
      where d.datname = current_database()
      order by total_exec_time + total_plan_time desc limit 20
      """;

  private StatementProfile() {}

  public static void install(Target target) throws SQLException {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create extension pg_stat_statements");
    }
  }

  public static void write(Target target, Path file) throws SQLException {
    StringBuilder text = new StringBuilder();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(TOP)) {
      while (row.next()) {
        text.append(
            String.format(
                Locale.ROOT,
                "%d calls, %d rows, %.0f ms, mean %.3f ms, %d plans in %.0f ms, WAL %d records"
                    + " %d bytes %d images, %d buffer hits%n%s%n%n",
                row.getLong(1),
                row.getLong(2),
                row.getDouble(3),
                row.getDouble(4),
                row.getLong(10),
                row.getDouble(11),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getString(9)));
      }
      Files.writeString(file, text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
