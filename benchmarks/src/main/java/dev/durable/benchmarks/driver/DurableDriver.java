package dev.durable.benchmarks.driver;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.queue.QueueOptions;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** This project with its default settings. */
public final class DurableDriver implements DirectDriver, QueueDriver {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "durable";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("pool", Target.POOL, "everything else", "default");
  }

  @Override
  public Session open(Target target, Workload workload) {
    Map<Integer, Runnable> listeners = new ConcurrentHashMap<>();
    Workflow<Payload, Payload> workflow =
        workflow(
            workload,
            data -> {
              listeners.getOrDefault(data.order(), Session.NO_LISTENER).run();
              return workload.step(data);
            });
    HikariDataSource pool = target.pool(Target.POOL);
    Durable durable = worker(pool, workflow, workload);
    return new Session() {
      @Override
      public void execute(int number, Runnable onStep) {
        listeners.put(number, onStep);
        durable.start(workflow, workload.input(number)).result(PATIENCE);
        listeners.remove(number);
      }

      @Override
      public void close() {
        durable.close();
        pool.close();
      }
    };
  }

  @Override
  public AutoCloseable work(Target target, Workload workload, StepListener listener) {
    Workflow<Payload, Payload> workflow =
        workflow(
            workload,
            data -> {
              listener.begins(data.order(), data.step());
              return workload.step(data);
            });
    HikariDataSource pool = target.pool(Target.POOL);
    Durable durable = worker(pool, workflow, workload);
    return () -> {
      durable.close();
      pool.close();
    };
  }

  @Override
  public Producer producer(Target target, Workload workload) {
    Workflow<Payload, Payload> workflow = workflow(workload, data -> data);
    HikariDataSource pool = target.pool(Target.POOL);
    Durable durable = Durable.on(pool).register(workflow).build();
    return new Producer() {
      @Override
      public void enqueue(int number) {
        String limitKey = workload.limitKey(number);
        durable.start(
            workflow,
            workload.input(number),
            options -> {
              if (limitKey != null) {
                options.limitKey(limitKey);
              }
            });
      }

      @Override
      public void close() {
        durable.close();
        pool.close();
      }
    };
  }

  @Override
  public String unfinished() {
    return "select count(*) from durable.workflow_executions where completed_at is null";
  }

  @Override
  public String busy() {
    // By two small indexes: reading all executions would cost the workers half a processor.
    return "select exists (select from durable.workflow_executions where wake_at is not null)"
        + " or exists (select from durable.workflow_executions where locked_by is not null)";
  }

  /** A query for the names of all committed steps, {@code order/step}. */
  public static String committedSteps() {
    return "select (output->>'order') || '/' || ((output->>'step')::int - 1)"
        + " from durable.step_executions where status = 'completed'";
  }

  private static Durable worker(
      HikariDataSource pool, Workflow<Payload, Payload> workflow, Workload workload) {
    return Durable.on(pool)
        .migrate(true)
        .register(workflow)
        .worker(w -> w.queue(Workflow.DEFAULT_QUEUE, q -> limits(q, workload)))
        .startWorker();
  }

  private static void limits(QueueOptions queue, Workload workload) {
    queue.concurrency(workload.slots());
    switch (workload.limits()) {
      case NONE -> {}
      case GLOBAL -> queue.globalConcurrency(workload.slots());
      case PER_KEY -> queue.perKey(2);
    }
  }

  private static Workflow<Payload, Payload> workflow(
      Workload workload, UnaryOperator<Payload> step) {
    WorkflowBuilder<Payload, Payload> builder = Workflow.define("bench", Payload.class);
    for (int i = 1; i <= workload.steps(); i++) {
      builder = builder.step("step-" + i, step::apply);
    }
    return builder.build();
  }
}
