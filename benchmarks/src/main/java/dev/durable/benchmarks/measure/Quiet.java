package dev.durable.benchmarks.measure;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Watches an idle database. Autovacuum is off meanwhile, since its transactions would be counted as
 * well.
 */
public final class Quiet implements AutoCloseable {

  private static final String WORKERS =
      "select count(*) from pg_stat_activity where backend_type = 'autovacuum worker'";

  private final Lab lab;
  private final long before;
  private final long begin;

  private Quiet(Lab lab) throws SQLException, InterruptedException {
    this.lab = lab;
    set("alter system set autovacuum = off");
    while (Server.number(lab.observer(), WORKERS) > 0) {
      Thread.sleep(100);
    }
    this.before = Server.transactions(lab);
    this.begin = System.nanoTime();
  }

  public static Quiet watch(Lab lab) throws SQLException, InterruptedException {
    return new Quiet(lab);
  }

  /** Waits until the database is quiet, then counts as long as an idle worker is watched. */
  public static double queriesPerSecond(Lab lab) throws SQLException, InterruptedException {
    untilQuiet(lab);
    try (Quiet quiet = watch(lab)) {
      Thread.sleep(1_000L * lab.sizes().idleSeconds());
      return quiet.queriesPerSecond();
    }
  }

  /** Waits until polling has slowed down and the counters of idle connections have arrived. */
  public static void untilQuiet(Lab lab) throws InterruptedException {
    Thread.sleep(Math.min(12_000, 1_000L * lab.sizes().idleSeconds()));
  }

  /** The time since the watch began. */
  public double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Transactions since the watch began: all queries, and the pool's connection tests. */
  public double queriesPerSecond() throws SQLException {
    return (Server.transactions(lab) - before) / seconds();
  }

  private void set(String setting) throws SQLException {
    try (Connection connection = lab.observer().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(setting);
      statement.execute("select pg_reload_conf()");
    }
  }

  @Override
  public void close() throws SQLException {
    set("alter system reset autovacuum");
  }
}
