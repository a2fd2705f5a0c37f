package dev.durable.benchmarks.driver;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * db-scheduler with lock-and-fetch. It does less: a task is one step, its result is not stored, its
 * row is deleted at the end.
 */
public final class DbSchedulerDriver implements QueueDriver {

  // As in its own benchmark with 50 threads.
  private static final double LOWER = 0.5;
  private static final double UPPER = 4.0;
  private static final Duration POLL = Duration.ofMillis(100);

  // Its documented table, without the index that only priorities need.
  private static final String TABLE =
      """
      create table if not exists scheduled_tasks (
        task_name text not null,
        task_instance text not null,
        task_data bytea,
        execution_time timestamptz,
        picked boolean not null,
        picked_by text,
        last_success timestamptz,
        last_failure timestamptz,
        consecutive_failures int,
        last_heartbeat timestamptz,
        version bigint not null,
        priority smallint,
        state text,
        primary key (task_name, task_instance));
      create index if not exists execution_time_idx on scheduled_tasks (execution_time);
      create index if not exists last_heartbeat_idx on scheduled_tasks (last_heartbeat);
      """;

  @Override
  public String name() {
    return "db-scheduler";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "pool",
        Target.POOL,
        "threads",
        "the slots of the scenario",
        "polling",
        "lock-and-fetch, " + LOWER + " to " + UPPER + " of the threads, " + POLL.toMillis() + " ms",
        "table",
        "as documented, without the index for priorities");
  }

  @Override
  public AutoCloseable work(Target target, Workload workload, StepListener listener)
      throws SQLException {
    HikariDataSource pool = target.pool(Target.POOL);
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
    }
    Scheduler scheduler =
        Scheduler.create(pool, task(workload, listener))
            .schedulerName(new SchedulerName.Fixed("worker-" + ProcessHandle.current().pid()))
            .threads(workload.slots())
            .pollingInterval(POLL)
            .pollUsingLockAndFetch(LOWER, UPPER)
            .serializer(new Json())
            .build();
    scheduler.start();
    return () -> {
      scheduler.stop();
      pool.close();
    };
  }

  @Override
  public Producer producer(Target target, Workload workload) {
    HikariDataSource pool = target.pool(Target.POOL);
    OneTimeTask<Payload> task = task(workload, (order, step) -> {});
    SchedulerClient client =
        SchedulerClient.Builder.create(pool, task).serializer(new Json()).build();
    return new Producer() {
      @Override
      public void enqueue(int number) {
        client.scheduleIfNotExists(
            task.instance(Integer.toString(number), workload.input(number)), Instant.now());
      }

      @Override
      public void close() {
        pool.close();
      }
    };
  }

  @Override
  public String unfinished() {
    return "select count(*) from scheduled_tasks";
  }

  @Override
  public String busy() {
    return "select exists (select from scheduled_tasks)";
  }

  private static OneTimeTask<Payload> task(Workload workload, StepListener listener) {
    return Tasks.oneTime("bench", Payload.class)
        .execute(
            (instance, context) -> {
              Payload data = instance.getData();
              listener.begins(data.order(), data.step());
              workload.step(data);
            });
  }

  /** The same JSON as that of the other drivers. */
  private static final class Json implements Serializer {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @Override
    public byte[] serialize(Object data) {
      return MAPPER.writeValueAsBytes(data);
    }

    @Override
    public <T> T deserialize(Class<T> type, byte[] json) {
      return MAPPER.readValue(json, type);
    }
  }
}
