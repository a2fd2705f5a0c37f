package dev.durable.benchmarks.driver;

import com.zaxxer.hikari.HikariDataSource;
import dev.dbos.transact.DBOS;
import dev.dbos.transact.DBOSClient;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Queue;
import dev.dbos.transact.workflow.Workflow;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * DBOS Transact. A process that does everything starts executions directly, its fastest way; for
 * several workers, they go through a queue that is polled often.
 */
final class DbosDriver implements DirectDriver, QueueDriver {

  private static final String APP_VERSION = "1";
  private static final String QUEUE = "bench-queue";
  private static final Duration POLL = Duration.ofMillis(10);

  @Override
  public String name() {
    return "dbos";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "version",
        DBOS.version(),
        "pool",
        Target.POOL,
        "queue polling",
        POLL.toMillis() + " ms (default 1 s)",
        "worker concurrency",
        "the slots of the scenario");
  }

  @Override
  public Session open(Target target, Workload workload) {
    Map<Integer, Runnable> listeners = new ConcurrentHashMap<>();
    Instance instance =
        new Instance(
            target,
            workload,
            (order, step) -> listeners.getOrDefault(order, Session.NO_LISTENER).run());
    return new Session() {
      @Override
      public void execute(int number, Runnable onStep) {
        listeners.put(number, onStep);
        Payload input = workload.input(number);
        instance.dbos.startWorkflow(() -> instance.flow.run(input)).getResult();
        listeners.remove(number);
      }

      @Override
      public void close() {
        instance.close();
      }
    };
  }

  @Override
  public AutoCloseable work(Target target, Workload workload, StepListener listener) {
    return new Instance(target, workload, listener);
  }

  @Override
  public Producer producer(Target target, Workload workload) {
    HikariDataSource pool = target.pool(Target.POOL);
    DBOSClient client = new DBOSClient(pool);
    DBOSClient.EnqueueOptions options =
        new DBOSClient.EnqueueOptions("bench", QUEUE)
            .withClassName(Body.class.getName())
            .withAppVersion(APP_VERSION);
    return new Producer() {
      @Override
      public void enqueue(int number) {
        client.enqueueWorkflow(options, new Object[] {workload.input(number)});
      }

      @Override
      public void close() {
        client.close();
        pool.close();
      }
    };
  }

  @Override
  public String unfinished() {
    return "select count(*) from dbos.workflow_status where status in ('ENQUEUED', 'PENDING')";
  }

  @Override
  public String busy() {
    return "select exists (select from dbos.workflow_status where status in ('ENQUEUED', 'PENDING'))";
  }

  /** The interface of the workflow's proxy. */
  public interface Flow {

    /** Runs all steps. */
    Payload run(Payload input);
  }

  /** The workflow itself. */
  public static final class Body implements Flow {

    private final DBOS dbos;
    private final Workload workload;
    private final StepListener listener;

    Body(DBOS dbos, Workload workload, StepListener listener) {
      this.dbos = dbos;
      this.workload = workload;
      this.listener = listener;
    }

    @Override
    @Workflow(name = "bench")
    public Payload run(Payload input) {
      Payload data = input;
      for (int i = 1; i <= workload.steps(); i++) {
        Payload given = data;
        data = dbos.runStep(() -> step(given), "step-" + i);
      }
      return data;
    }

    private Payload step(Payload data) {
      listener.begins(data.order(), data.step());
      return workload.step(data);
    }
  }

  private static final class Instance implements AutoCloseable {

    private final HikariDataSource pool;
    private final DBOS dbos;
    private final Flow flow;

    Instance(Target target, Workload workload, StepListener listener) {
      this.pool = target.pool(Target.POOL);
      this.dbos =
          new DBOS(
              DBOSConfig.defaults("bench")
                  .withDataSource(pool)
                  .withMigrate(true)
                  .withAppVersion(APP_VERSION)
                  .withExecutorId("instance-" + ProcessHandle.current().pid()));
      this.flow = dbos.registerProxy(Flow.class, new Body(dbos, workload, listener));
      dbos.registerQueue(
          new Queue(QUEUE).withWorkerConcurrency(workload.slots()).withPollingInterval(POLL));
      dbos.launch();
    }

    @Override
    public void close() {
      dbos.close();
      pool.close();
    }
  }
}
