package dev.durable.queue;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Logs;
import dev.durable.testing.OwnedWatch;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("G11")
@DisplayName("Limits of queues hold on all workers")
@ExtendWith(DatabaseExtension.class)
class QueueLimitsTest {

  private static final Duration NEVER = Duration.ofHours(1);

  private static final Workflow<Integer, Integer> JOB =
      Workflow.define("job", Integer.class, with -> with.queue("jobs"))
          .step("first", QueueLimitsTest::worked)
          .sleep("pause", Duration.ofMillis(1))
          .step("second", QueueLimitsTest::worked)
          .build();

  private final TestDatabase db;

  QueueLimitsTest(TestDatabase db) {
    this.db = db;
  }

  private static Integer worked(Integer input) {
    LockSupport.parkNanos(1_000_000L * (input % 4));
    return input;
  }

  @BeforeEach
  void clear() {
    db.deleteExecutions();
    db.script("delete from durable.queues");
  }

  private Durable worker(String name, Consumer<QueueOptions> limits, Workflow<?, ?>... workflows) {
    return worker(db.dataSource(), name, limits, workflows);
  }

  private static Durable worker(
      DataSource pool, String name, Consumer<QueueOptions> limits, Workflow<?, ?>... workflows) {
    return Durable.on(pool)
        .register(workflows)
        .worker(
            w ->
                w.name(name)
                    .queue("jobs", limits)
                    .heartbeat(Duration.ofMillis(200))
                    .lease(Duration.ofSeconds(2)))
        .startWorker();
  }

  @Test
  @DisplayName("A queue that an open transaction holds keeps no other queue from working")
  void neighbours() throws Exception {
    Workflow<String, String> echo =
        Workflow.define("echo", String.class).step("echo", text -> text).build();
    try (Durable worker =
            Durable.on(db.dataSource())
                .register(JOB, echo)
                .worker(
                    w ->
                        w.queue("jobs", q -> q.perKey(1))
                            .queue("others", q -> q.globalConcurrency(2)))
                .startWorker();
        Durable client = Durable.on(db.dataSource()).build();
        Connection holder = db.newConnection()) {
      holder.setAutoCommit(false);
      client.using(holder).queues().pause("jobs", "a question to the operator");
      ExecutionHandle<Integer> held = worker.start(JOB, 1, o -> o.limitKey("k"));
      for (String queue : List.of("others", "default", "others")) {
        assertThat(client.handle(client.start("echo", "\"x\"", o -> o.queue(queue)).id(), echo))
            .satisfies(handle -> assertThat(handle.result(SOON)).isEqualTo("x"));
      }
      assertThat(status(worker, held.id())).isEqualTo(ExecutionStatus.PENDING);
      holder.rollback();
      held.result(SOON);
    }
  }

  @Test
  @DisplayName("Claims that fail in limited queues are told, and keep no other queue from working")
  void failingClaims() {
    Workflow<String, String> echo =
        Workflow.define("echo", String.class).step("echo", text -> text).build();
    try (Durable worker = worker("failing", q -> q.perKey(1), JOB, echo);
        Durable client = Durable.on(db.dataSource()).build()) {
      db.script("alter table durable.queues rename turn_key to renamed");
      try {
        Gate.until(
            () ->
                worker.health().reasons().stream()
                    .anyMatch(reason -> reason.contains("claim from limited queues failed")));
        UUID id = client.start("echo", "\"x\"").id();
        assertThat(client.handle(id, echo).result(SOON)).isEqualTo("x");
      } finally {
        db.script("alter table durable.queues rename renamed to turn_key");
      }
      Gate.until(() -> worker.health().isHealthy());
    }
  }

  @Test
  @DisplayName("No watcher ever sees more, through starts, takeovers and changes of the limits")
  void neverMore() throws Exception {
    Consumer<QueueOptions> limits = q -> q.concurrency(20).globalConcurrency(6).perKey(2);
    try (HikariDataSource pool = db.newPool(30);
        Durable one = worker(pool, "one", limits, JOB);
        Durable two = worker(pool, "two", limits, JOB);
        Durable three = worker(pool, "three", limits, JOB);
        OwnedWatch watch = new OwnedWatch(db, 6, 2)) {
      Random random = new Random(11);
      List<Durable> all = List.of(one, two, three);
      List<ExecutionHandle<Integer>> started = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        String key = "k" + random.nextInt(6);
        started.add(all.get(i % 3).start(JOB, i, o -> o.limitKey(key)));
        switch (i) {
          case 30 -> db.expireLease("two");
          case 60 ->
              watch.change(3, 2, () -> one.queues().limits("jobs", l -> l.globalConcurrency(3)));
          case 80 ->
              watch.change(
                  8, 3, () -> one.queues().limits("jobs", l -> l.globalConcurrency(8).perKey(3)));
          case 100 -> watch.change(6, 1, () -> one.queues().limits("jobs", l -> l.perKey(1)));
          default -> {}
        }
        watch.awaitHeld();
      }
      for (ExecutionHandle<Integer> handle : started) {
        handle.result(EVENTUALLY);
      }
      assertThat(watch.exceeded()).isEmpty();
      assertThat(watch.most()).as("the limit was used").isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  @DisplayName("An end on one worker lets another one that waits for the place begin at once")
  void anotherWorkerLearns() {
    Gate gate = new Gate();
    Workflow<Integer, Integer> held =
        Workflow.define("held", Integer.class, with -> with.queue("jobs"))
            .step("hold", gate::hold)
            .build();
    try (Durable one = idle("one", held);
        Durable two = idle("two", JOB)) {
      ExecutionHandle<Integer> first = one.start(held, 1);
      gate.awaitReached();
      ExecutionHandle<Integer> second = two.start(JOB, 2);
      Gate.until(
          () -> db.number("select count(*) from durable.queues where claimed_at is not null") == 1);
      assertThat(status(two, second.id())).isEqualTo(ExecutionStatus.PENDING);
      gate.open();
      assertThat(first.result(SOON)).isEqualTo(1);
      assertThat(second.result(SOON)).isEqualTo(2);
    }
  }

  private Durable idle(String name, Workflow<?, ?> workflow) {
    return Durable.on(db.dataSource())
        .register(workflow)
        .worker(w -> w.name(name).queue("jobs", q -> q.globalConcurrency(1)).pollInterval(NEVER))
        .startWorker();
  }

  @Test
  @DisplayName("The limits of the worker that started last hold, but for what an operator has set")
  void declared() {
    String stored =
        "select declared_limits::text, limited, concurrency, key_concurrency, rate, rate_period,"
            + " key_rate, key_rate_period, counts_waiting, fair, aging from durable.queues"
            + " where name = 'jobs'";
    Consumer<QueueOptions> all =
        q ->
            q.globalConcurrency(5)
                .perKey(2)
                .rate(100, Duration.ofMinutes(1))
                .ratePerKey(10, Duration.ofSeconds(1))
                .countWaiting()
                .fair()
                .aging(Duration.ofHours(1));
    worker("one", all, JOB).close();
    assertThat(db.rows(stored))
        .containsExactly(
            "{\"fair\": true, \"rate\": {\"count\": 100, \"micros\": 60000000}, \"aging\":"
                + " 3600000000, \"perKey\": 2, \"ratePerKey\": {\"count\": 10, \"micros\":"
                + " 1000000}, \"countWaiting\": true, \"globalConcurrency\": 5}"
                + "|t|5|2|100|00:01:00|10|00:00:01|t|t|01:00:00");
    db.script(
        "update durable.queues set override_limits = '{\"globalConcurrency\": 1, \"fair\": false}'");
    worker("two", q -> q.globalConcurrency(9).rate(3, Duration.ofMinutes(1)), JOB).close();
    assertThat(db.rows(stored))
        .as("what an operator has set wins, field by field")
        .containsExactly(
            "{\"rate\": {\"count\": 3, \"micros\": 60000000}, \"globalConcurrency\": 9}"
                + "|t|1|null|3|00:01:00|null|null|f|f|null");
    db.script("update durable.queues set override_limits = null");
    worker("three", q -> q.concurrency(3), JOB).close();
    assertThat(db.rows(stored)).containsExactly("null|f|null|null|null|null|null|null|f|f|null");
  }

  @Test
  @DisplayName("A worker without options for a queue leaves its limits as they are")
  void notMentioned() {
    worker("one", q -> q.globalConcurrency(5), JOB).close();
    db.start(JOB).close();
    assertThat(db.rows("select concurrency from durable.queues where name = 'jobs'"))
        .containsExactly("5");
  }

  @Test
  @DisplayName("A limit key in a queue without limits for keys is warned of once")
  void keyWithoutLimit() {
    try (Logs logs = Logs.of("dev.durable.internal.client", Level.WARN);
        Durable durable = worker("one", q -> q.globalConcurrency(5), JOB)) {
      durable.start(JOB, 1, o -> o.limitKey("tenant-7")).result(SOON);
      durable.start(JOB, 1, o -> o.limitKey("tenant-8")).result(SOON);
      assertThat(logs.lines(Level.WARN, "'jobs'")).singleElement().asString().contains("perKey(1)");
    }
  }
}
