package dev.durable.benchmarks;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * S: many executions sleep for ten seconds, and become due as fast as they were started. How late
 * the next step begins, by the database's clock.
 */
record Sleepers() implements Scenario {

  private static final int SECONDS = 10;

  @Override
  public String id() {
    return "S";
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    Workflow<Integer, Integer> workflow =
        Workflow.define("sleeper", Integer.class)
            .sleep("rest", ofSeconds(Math.min(SECONDS, lab.sizes().idleSeconds())))
            .step("next", n -> n)
            .build();
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable durable = Durable.on(pool).migrate(true).register(workflow).start()) {
      List<Integer> inputs = IntStream.range(0, lab.sizes().executions()).boxed().toList();
      List<ExecutionHandle<Integer>> handles =
          durable.startAll(workflow, inputs, (n, options) -> options);
      for (ExecutionHandle<Integer> handle : handles) {
        handle.result(ofMinutes(2));
      }
    }
    List<Double> late = lateness(lab.target());
    return List.of(
        new Sample("late_p50_ms", "ms", Figures.percentile(late, 50)),
        new Sample("late_p99_ms", "ms", Figures.percentile(late, 99)),
        new Sample("late_max_ms", "ms", Figures.percentile(late, 100)));
  }

  private static List<Double> lateness(Target target) throws SQLException {
    String sql =
        """
        select extract(epoch from n.started_at - r.wake_at) * 1000
        from durable.step_executions r join durable.step_executions n using (workflow_id)
        where r.path = 'rest/rest' and n.path = 'next'
        """;
    List<Double> late = new ArrayList<>();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        late.add(row.getDouble(1));
      }
    }
    return late;
  }
}
