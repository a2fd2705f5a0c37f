package dev.durable.examples.tenants;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.examples.Waiting;
import dev.durable.execution.ExecutionHandle;
import dev.durable.queue.QueueState;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Three tenants share a queue with two places for each of them. One has a long backlog; the others
 * do not wait for it. An operator pauses the queue, and changes the limit for a while.
 */
public final class TenantsExample implements Example {

  private static final String QUEUE = "tenants";
  private static final int WORK_MILLIS = 60;
  private static final Map<String, Integer> STARTS = Map.of("acme", 24, "globex", 4, "initech", 4);

  @Override
  public String name() {
    return "tenants";
  }

  @Override
  public String summary() {
    return "a queue with a quota for each tenant: its numbers, a pause and an operator's limit";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    Places places = new Places();
    Workflow<String, String> export =
        Workflow.define("tenant_export", String.class, with -> with.queue(QUEUE))
            .step("export", places::export)
            .build();
    try (Durable durable =
        Durable.on(dataSource)
            .migrate(true)
            .register(export)
            .worker(w -> w.queue(QUEUE, q -> q.perKey(2).fair()))
            .startWorker()) {
      durable.queues().pause(QUEUE, "until all exports are stored", "the example");
      Map<String, List<ExecutionHandle<String>>> started = start(durable, export);
      say(durable, out);
      durable.queues().resume(QUEUE);
      out.accept("Resumed.");
      Waiting.until(() -> running(durable) > 0);
      say(durable, out);
      ended(durable, started, "globex", "initech");
      out.accept("globex and initech are done.");
      say(durable, out);
      out.accept("An operator gives each tenant one place.");
      durable.queues().limits(QUEUE, "the example", limits -> limits.perKey(1));
      Waiting.until(() -> running(durable) <= 1);
      places.forget();
      ended(durable, started, "acme");
      out.accept("Since then acme had at most " + places.most("acme") + " at work.");
      durable.queues().clearOverrides(QUEUE);
      say(durable, out);
    }
  }

  private static Map<String, List<ExecutionHandle<String>>> start(
      Durable durable, Workflow<String, String> export) {
    Map<String, List<ExecutionHandle<String>>> started = new HashMap<>();
    STARTS.forEach(
        (tenant, number) ->
            started.put(
                tenant,
                durable.startAll(
                    export, Collections.nCopies(number, tenant), (each, o) -> o.limitKey(each))));
    return started;
  }

  private static void ended(
      Durable durable, Map<String, List<ExecutionHandle<String>>> started, String... tenants) {
    for (String tenant : tenants) {
      started
          .getOrDefault(tenant, List.of())
          .forEach(handle -> Waiting.ended(durable, handle.id()));
    }
  }

  private static long running(Durable durable) {
    return state(durable).stats().running();
  }

  private static QueueState state(Durable durable) {
    return durable.queues().find(QUEUE).orElseThrow();
  }

  private static void say(Durable durable, Consumer<String> out) {
    QueueState now = state(durable);
    out.accept(
        "  %d due, %d running, %d ended%s"
            .formatted(
                now.stats().due(),
                now.stats().running(),
                now.stats().endedLastHour(),
                now.paused() == null ? "" : ", paused: " + now.paused().reason()));
  }

  /** Counts what is at work for each tenant. */
  private static final class Places {

    private final Map<String, Integer> now = new HashMap<>();
    private final Map<String, Integer> most = new HashMap<>();

    String export(String tenant) throws InterruptedException {
      change(tenant, 1);
      try {
        Thread.sleep(Duration.ofMillis(WORK_MILLIS));
        return tenant;
      } finally {
        change(tenant, -1);
      }
    }

    private synchronized void change(String tenant, int by) {
      most.merge(tenant, now.merge(tenant, by, Integer::sum), Math::max);
    }

    synchronized void forget() {
      most.clear();
    }

    synchronized int most(String tenant) {
      return most.getOrDefault(tenant, 0);
    }
  }
}
