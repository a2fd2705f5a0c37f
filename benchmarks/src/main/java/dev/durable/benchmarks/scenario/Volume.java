package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.DirectDriver;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.Session;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.driver.Workload;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Load;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.benchmarks.measure.Size;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** V: the cost of an execution of three steps in the database. */
record Volume(int inFlight) implements Scenario {

  private static final int WARM_UP = 100;

  @Override
  public String id() {
    return "V";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("in_flight", inFlight);
  }

  @Override
  public Size size() {
    return inFlight == 1 ? Size.QUICK : Size.NORMAL;
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DirectDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    int executions = Math.max(1, lab.sizes().executions() / (inFlight == 1 ? 5 : 1));
    warmUp(lab);
    keepDeadTuples(lab.target());
    Server.checkpoint(lab.target());
    Server.Counters before = Server.counters(lab);
    int done;
    // Counters are complete only after the connections have ended; start and stop add little.
    try (Session session = lab.open(Workload.trivial(Throughput.STEPS))) {
      done = Load.executions(session, executions, inFlight, lab.sizes().maxSeconds()).count();
    }
    Server.Counters after = Server.settled(lab);
    double n = done;
    return List.of(
        new Sample("wal_bytes", "B", (after.wal() - before.wal()) / n),
        new Sample("commits", "", (after.transactions() - before.transactions()) / n),
        new Sample("disk_bytes", "B", (after.disk() - before.disk()) / n),
        new Sample("dead_tuples", "", (after.dead() - before.dead()) / n));
  }

  private void warmUp(Lab lab) throws Exception {
    try (Session session = lab.open(Workload.trivial(Throughput.STEPS))) {
      Load.executions(session, WARM_UP, inFlight, lab.sizes().maxSeconds());
    }
    Server.settled(lab);
  }

  private static void keepDeadTuples(Target target) throws Exception {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (ResultSet row =
          statement.executeQuery("select relid::regclass::text from pg_stat_user_tables")) {
        while (row.next()) {
          tables.add(row.getString(1));
        }
      }
      for (String table : tables) {
        statement.execute("alter table " + table + " set (autovacuum_enabled = off)");
      }
    }
  }
}
