package dev.durable.benchmarks.scenario;

import static java.time.Duration.ofMinutes;
import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Load;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Sizes;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * E: one execution at a time waits for an event: the time from sending the event to the begin of
 * the next step. It covers the commit of the event, a hint, a claim, and the commit of the wait's
 * end. The JVM is warm: it compiles almost nothing more.
 */
record EventLatency() implements Scenario {

  private static final Event<Integer> GO = Event.of("go", Integer.class);

  @Override
  public String id() {
    return "E";
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    Map<Integer, Long> begun = new ConcurrentHashMap<>();
    Workflow<Integer, Integer> workflow =
        Workflow.define("event", Integer.class)
            .await("go", GO, (n, go) -> n)
            .step(
                "next",
                n -> {
                  begun.put(n, System.nanoTime());
                  return n;
                })
            .build();
    Sizes sizes = lab.sizes();
    List<Double> millis = new ArrayList<>();
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable durable = Durable.on(pool).migrate(true).register(workflow).startWorker()) {
      Load.Work once = n -> millis.add(run(durable, workflow, n, begun));
      Load.warmUp(sizes, () -> Load.each(sizes.singles(), 1, sizes.maxSeconds(), once));
      millis.clear();
      Load.each(sizes.singles(), 1, sizes.maxSeconds(), once);
    }
    return List.of(
        new Sample("event_p50_ms", "ms", Figures.percentile(millis, 50)),
        new Sample("event_p99_ms", "ms", Figures.percentile(millis, 99)));
  }

  private static double run(
      Durable durable, Workflow<Integer, Integer> workflow, int number, Map<Integer, Long> begun)
      throws Exception {
    ExecutionHandle<Integer> handle = durable.start(workflow, number);
    untilWaiting(durable, handle.id());
    long sent = System.nanoTime();
    durable.send(handle.id(), GO, number);
    handle.result(ofMinutes(1));
    return (requireNonNull(begun.remove(number)) - sent) / 1e6;
  }

  private static void untilWaiting(Durable durable, UUID id) throws InterruptedException {
    while (durable.find(id).orElseThrow().status() != ExecutionStatus.WAITING) {
      Thread.sleep(1);
    }
  }
}
