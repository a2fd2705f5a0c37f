package dev.durable.benchmarks.measure;

import dev.durable.benchmarks.driver.Target;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** PostgreSQL's settings and counters. */
public final class Server {

  private static final List<String> SETTINGS =
      List.of(
          "server_version",
          "fsync",
          "synchronous_commit",
          "full_page_writes",
          "shared_buffers",
          "max_wal_size",
          "wal_compression",
          "checkpoint_timeout",
          "autovacuum",
          "shared_preload_libraries");

  private Server() {}

  /**
   * Counters of a database.
   *
   * @param transactions ended transactions, without those of the observer
   * @param wal bytes of log, of the whole server
   * @param disk bytes of the tables and their indexes
   * @param dead row versions that wait for vacuum
   */
  public record Counters(long transactions, long wal, long disk, long dead) {}

  /** The settings that influence the figures. */
  public static Map<String, String> settings(Target target) throws SQLException {
    Map<String, String> settings = new LinkedHashMap<>();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      for (String name : SETTINGS) {
        try (ResultSet row = statement.executeQuery("show " + name)) {
          row.next();
          settings.put(name, row.getString(1));
        }
      }
    }
    return settings;
  }

  /** The names of all databases. */
  public static Set<String> databases(Target target) throws SQLException {
    Set<String> names = new HashSet<>();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select datname from pg_database")) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }

  /** Lets every measurement begin at the same distance from a checkpoint. */
  public static void checkpoint(Target target) throws SQLException {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("checkpoint");
    }
  }

  /** The counters now. Counters of open connections lag behind by up to ten seconds. */
  public static Counters counters(Lab lab) throws SQLException {
    long transactions = transactions(lab);
    long wal = number(lab.observer(), "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
    long disk =
        number(
            lab.target(),
            "select coalesce(sum(pg_total_relation_size(relid)), 0) from pg_stat_user_tables");
    long dead =
        number(lab.target(), "select coalesce(sum(n_dead_tup), 0) from pg_stat_user_tables");
    return new Counters(transactions, wal, disk, dead);
  }

  /** The transactions that have ended in the database, without those of the observer. */
  public static long transactions(Lab lab) throws SQLException {
    return number(
        lab.observer(),
        "select xact_commit + xact_rollback from pg_stat_database where datname = '"
            + database(lab.target())
            + "'");
  }

  /** The counters after all connections but those of the observer have ended. */
  public static Counters settled(Lab lab) throws SQLException, InterruptedException {
    String others =
        "select count(*) from pg_stat_activity where backend_type = 'client backend' and datname = '"
            + database(lab.target())
            + "'";
    while (number(lab.observer(), others) > 0) {
      Thread.sleep(20);
    }
    return counters(lab);
  }

  public static long number(Target target, String sql) throws SQLException {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static String database(Target target) {
    return target.url().replaceAll("^.*/|\\?.*$", "");
  }
}
