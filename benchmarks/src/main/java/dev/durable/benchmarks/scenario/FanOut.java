package dev.durable.benchmarks.scenario;

import static java.time.Duration.ofMinutes;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.Payload;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** P: much parallel work inside one execution; one execution after the other. */
record FanOut(Shape shape) implements Scenario {

  /** The construct that spreads the work. */
  enum Shape {
    /** A parallel of ten branches. */
    PARALLEL_10(10),
    /** A forEach of a thousand items, a hundred at a time. */
    FOR_EACH_1000(1_000);

    private final int parts;

    Shape(int parts) {
      this.parts = parts;
    }
  }

  private static final int AT_ONCE = 100;
  private static final int WARM_UP_PARTS = 20_000;

  @Override
  public String id() {
    return "P";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("shape", shape.name());
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws SQLException {
    Workflow<Integer, Integer> workflow = workflow();
    int runs = Math.max(1, lab.sizes().executions() / shape.parts);
    int warmUp = Math.min(runs, WARM_UP_PARTS / shape.parts);
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable durable = Durable.on(pool).migrate(true).register(workflow).startWorker()) {
      seconds(durable, workflow, warmUp);
      Server.checkpoint(lab.target());
      List<Double> rates = new ArrayList<>();
      for (int i = 0; i < lab.sizes().rounds(); i++) {
        rates.add(runs * shape.parts / seconds(durable, workflow, runs));
      }
      return List.of(new Sample("items_per_s", "1/s", Figures.median(rates)));
    }
  }

  private static double seconds(Durable durable, Workflow<Integer, Integer> workflow, int runs) {
    long begin = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      durable.start(workflow, i).result(ofMinutes(2));
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private Workflow<Integer, Integer> workflow() {
    return switch (shape) {
      case PARALLEL_10 ->
          Workflow.define("fan_out", Integer.class)
              .parallel(
                  "all",
                  par -> {
                    for (int i = 0; i < shape.parts; i++) {
                      par.step("b" + i, Payload.class, (n, step) -> Payload.of(n, 0).next());
                    }
                    return par.join((n, results) -> n);
                  })
              .build();
      case FOR_EACH_1000 ->
          Workflow.define("fan_out", Integer.class)
              .forEach(
                  "all",
                  Integer.class,
                  n -> IntStream.range(0, shape.parts).boxed().toList(),
                  item -> item.step("step", Payload.class, n -> Payload.of(n, 0).next()),
                  with -> with.concurrency(AT_ONCE))
              .build();
    };
  }
}
