package dev.durable.cluster;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several processes on one database. */
@ExtendWith(DatabaseExtension.class)
class ClusterTest {

  private final TestDatabase db;

  ClusterTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void trace() {
    db.script(
        "drop table if exists bodies;"
            + " create table bodies (execution text, step text, worker text)");
  }

  @Test
  @Proves({"G2", "B-34"})
  @DisplayName("A worker paused beyond its lease writes nothing when it wakes up, and joins again")
  void aPausedWorkerIsFenced() throws Exception {
    Workflow<String, String> gated = ClusterWorker.gated(db.dataSource(), "second");
    try (JavaProcess paused = ClusterWorker.process(db, "paused");
        Durable client = Durable.on(db.dataSource()).register(gated).build();
        Gate gate = new Gate("a")) {
      awaitWorker("paused");
      ExecutionHandle<String> handle = client.start(gated, "a");
      awaitTrue(() -> bodies("gate", "paused") == 1);
      String pausedWorker = db.rows("select id::text from durable.workers").get(0);
      paused.pause();
      long firstBodies = firstBodies();

      Execution ended;
      List<String> history;
      try (Durable second = ClusterWorker.builder(db.dataSource(), "second").startWorker()) {
        awaitTrue(() -> bodies("gate", "second") == 1);
        gate.close();
        assertThat(handle.result(EVENTUALLY)).isEqualTo("second,second");
        assertThat(firstBodies()).isEqualTo(firstBodies);
        ended = second.find(handle.id()).orElseThrow();
        history = history(handle);
      }

      paused.resume();
      awaitTrue(
          () ->
              db.rows(
                          "select 1 from durable.workers where name = 'paused' and dead_at is null and id <> ?::uuid",
                          pausedWorker)
                      .size()
                  == 1);
      assertThat(client.start(gated, "b").result(EVENTUALLY)).isEqualTo("paused,paused");

      assertThat(client.find(handle.id())).contains(ended);
      assertThat(history(handle)).isEqualTo(history);
      assertThat(db.number("select count(*) from bodies where execution = 'a' and step = 'last'"))
          .isEqualTo(1);
    }
  }

  @Test
  @Proves({"G13", "G3"})
  @DisplayName("After kill -9 everything continues elsewhere, and no committed step runs again")
  void aKilledWorkerIsTakenOver() throws Exception {
    Workflow<String, String> gated = ClusterWorker.gated(db.dataSource(), "second");
    List<String> inputs = IntStream.range(0, 8).mapToObj(i -> "k" + i).toList();
    try (Durable client = Durable.on(db.dataSource()).register(gated).build()) {
      List<ExecutionHandle<String>> handles;
      long firstBodies;
      try (JavaProcess killed = ClusterWorker.process(db, "killed")) {
        awaitWorker("killed");
        List<Gate> gates = inputs.stream().map(this::gate).toList();
        handles = client.startAll(gated, inputs, (input, with) -> {});
        awaitTrue(() -> bodies("gate", "killed") == inputs.size());
        killed.close();
        firstBodies = firstBodies();
        gates.forEach(Gate::close);
      }
      try (Durable second = ClusterWorker.builder(db.dataSource(), "second").startWorker()) {
        for (ExecutionHandle<String> handle : handles) {
          assertThat(handle.result(EVENTUALLY)).isEqualTo("second,second");
        }
        assertThat(second.countByStatus(q -> q.workflow("gated").status(ExecutionStatus.RUNNING)))
            .isEmpty();
      }
      // Every gate was reached, so every first step had been committed when the process was killed.
      assertThat(firstBodies()).isEqualTo(firstBodies);
    }
  }

  @Test
  @Proves({"B-36", "G12"})
  @DisplayName("An execution whose worker dies each time is parked, and does not block its queue")
  void poisonIsParked() {
    Workflow<String, String> gated = ClusterWorker.gated(db.dataSource(), "worker");
    try (Durable client = Durable.on(db.dataSource()).register(gated).build();
        Gate gate = new Gate("poison")) {
      ExecutionHandle<String> poison;
      try (Durable first = ClusterWorker.builder(db.dataSource(), "worker").startWorker()) {
        poison = client.start(gated, "poison");
        awaitTrue(() -> bodies("gate", "worker") == 1);
        db.setRecoveries(poison.id(), 5);
        db.expireLeases();
        try (Durable second = ClusterWorker.builder(db.dataSource(), "worker").startWorker()) {
          awaitTrue(() -> poison.status() == ExecutionStatus.PARKED);
          assertThat(client.find(poison.id()).orElseThrow().error().message()).contains("6 times");
          assertThat(client.start(gated, "healthy").result(EVENTUALLY)).isEqualTo("worker,worker");

          gate.close();
          client.retry(poison.id());
          assertThat(poison.result(EVENTUALLY)).isEqualTo("worker,worker");
          assertThat(client.find(poison.id()).orElseThrow().recoveries()).isZero();
        }
      }
    }
  }

  @Test
  @DisplayName("Two workers share 10,000 executions: nothing lost, nothing done twice")
  void twoWorkersShareTheWork() {
    int all = 10_000;
    Workflow<Integer, String> count = ClusterWorker.count(db.dataSource(), "client");
    try (Durable client = Durable.on(db.dataSource()).register(count).build()) {
      db.createDefaultQueue();
      List<Integer> inputs = IntStream.range(0, all).boxed().toList();
      List<ExecutionHandle<String>> handles =
          client.startAll(count, inputs, (n, with) -> with.key("n" + n).delay(Duration.ofHours(1)));
      try (Durable a =
              ClusterWorker.builder(db.newPool(10), "a")
                  .worker(w -> w.queue("default", q -> q.concurrency(100)))
                  .startWorker();
          Durable b =
              ClusterWorker.builder(db.newPool(10), "b")
                  .worker(w -> w.queue("default", q -> q.concurrency(100)))
                  .startWorker()) {
        // Due only when both are there: else the first one has a start.
        db.makeDueAndNotify("count", "default");
        Map<String, Long> shares =
            handles.stream()
                .map(handle -> handle.result(EVENTUALLY))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(a.countByStatus(q -> q.workflow("count")))
            .containsExactly(Map.entry(ExecutionStatus.COMPLETED, (long) all));
        assertThat(b.find("count", "n0")).isPresent();
        assertThat(shares).containsOnlyKeys("a", "b");
        assertThat(shares.values()).allSatisfy(share -> assertThat(share).isGreaterThan(all / 10));
      }
      assertThat(
              db.number(
                  "select count(*) from durable.step_executions s join durable.workflow_executions e on e.id = s.workflow_id where e.workflow_name = 'count'"))
          .isEqualTo(3L * all);
    }
  }

  private Gate gate(String execution) {
    return new Gate(execution);
  }

  /** Keeps the gated step of one execution waiting. */
  private final class Gate implements AutoCloseable {
    private final Connection connection;

    Gate(String execution) {
      try {
        connection = db.newPool(1).getConnection();
        try (PreparedStatement lock =
            connection.prepareStatement("select pg_advisory_lock(hashtext(?))")) {
          lock.setString(1, execution);
          lock.execute();
        }
      } catch (SQLException failure) {
        throw new IllegalStateException(failure);
      }
    }

    @Override
    public void close() {
      try (PreparedStatement unlock =
          connection.prepareStatement("select pg_advisory_unlock_all()")) {
        unlock.execute();
      } catch (SQLException failure) {
        throw new IllegalStateException(failure);
      }
    }
  }

  private List<String> history(ExecutionHandle<?> handle) {
    return db.rows(
        "select * from durable.step_executions where workflow_id = ? order by seq", handle.id());
  }

  private void awaitWorker(String name) {
    awaitTrue(() -> db.number("select count(*) from durable.workers where name = ?", name) == 1);
  }

  private long bodies(String step, String worker) {
    return db.number(
        "select count(distinct execution) from bodies where step = ? and worker = ?", step, worker);
  }

  private long firstBodies() {
    return db.number("select count(*) from bodies where step = 'first'");
  }

  /** Polls until the condition holds: there is no other way to wait for another process. */
  private static void awaitTrue(BooleanSupplier condition) {
    long until = System.nanoTime() + EVENTUALLY.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time").isLessThan(until);
      LockSupport.parkNanos(5_000_000);
    }
  }
}
