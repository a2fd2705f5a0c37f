package dev.durable.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** This project with its default settings. */
final class DurableDriver implements Driver {

  private static final int POOL = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "durable";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("pool", POOL);
  }

  @Override
  public Session open(Target target, int steps) {
    return new Node(target.pool(POOL), steps);
  }

  private static final class Node implements Session {
    private final HikariDataSource pool;
    private final Workflow<Payload, Payload> workflow;
    private final Durable durable;
    private final Map<Integer, Runnable> listeners = new ConcurrentHashMap<>();

    Node(HikariDataSource pool, int steps) {
      this.pool = pool;
      this.workflow = workflow(steps);
      this.durable = Durable.on(pool).migrate(true).register(workflow).start();
    }

    private Workflow<Payload, Payload> workflow(int steps) {
      WorkflowBuilder<Payload, Payload> builder = Workflow.define("bench", Payload.class);
      for (int i = 1; i <= steps; i++) {
        builder = builder.step("step-" + i, this::step);
      }
      return builder.build();
    }

    private Payload step(Payload data) {
      listeners.getOrDefault(data.order(), NO_LISTENER).run();
      return data.next();
    }

    @Override
    public void execute(int number, Runnable onStep) {
      listeners.put(number, onStep);
      durable.start(workflow, Payload.of(number)).result(PATIENCE);
      listeners.remove(number);
    }

    @Override
    public void close() {
      durable.close();
      pool.close();
    }
  }
}
