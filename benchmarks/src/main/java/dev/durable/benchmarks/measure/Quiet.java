package dev.durable.benchmarks.measure;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Watches a database in which nothing is to happen. Meanwhile there is no autovacuum, whose
 * transactions would be counted as well.
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

  /** What happens from when it has become quiet, for as long as an idle worker is watched. */
  public static double queriesPerSecond(Lab lab) throws SQLException, InterruptedException {
    untilQuiet(lab);
    try (Quiet quiet = watch(lab)) {
      Thread.sleep(1_000L * lab.sizes().idleSeconds());
      return quiet.queriesPerSecond();
    }
  }

  /** Nobody polls any more, and the counters of connections that are idle have arrived. */
  public static void untilQuiet(Lab lab) throws InterruptedException {
    Thread.sleep(Math.min(12_000, 1_000L * lab.sizes().idleSeconds()));
  }

  /** How long it has been watched. */
  public double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Transactions since it is watched: every query of its own, and the pool's connection tests. */
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
