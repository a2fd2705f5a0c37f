package dev.durable.torture;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.HeldAnswers;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an application does to the database for long, and what it must not cost the worker. */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class LocksAndLeasesTest {

  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final int POOL_SIZE = 10;

  private final TestDatabase db;
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();
  private final AtomicInteger bodies = new AtomicInteger();
  private final Workflow<String, String> gated =
      Workflow.define("gated", String.class)
          .step("first", text -> text)
          .step("gate", (text, step) -> pass(step))
          .build();

  LocksAndLeasesTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves("G13")
  @DisplayName("A pool that the application has emptied costs the worker no lease")
  void anEmptyPoolCostsNoLease() throws Exception {
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Durable durable = worker(pool)) {
      ExecutionHandle<String> handle = durable.start(gated, "long");
      gate("long").awaitReached();
      awaitBeats(0);
      String worker = worker();
      List<Connection> taken = new ArrayList<>();
      while (pool.getHikariPoolMXBean().getActiveConnections() < POOL_SIZE) {
        taken.add(pool.getConnection());
      }
      awaitBeats(2);
      for (Connection connection : taken) {
        connection.close();
      }
      gate("long").open();
      assertThat(handle.result(EVENTUALLY)).isEqualTo("long");
      assertThat(worker()).isEqualTo(worker);
    }
    assertThat(bodies).hasValue(1);
  }

  @Test
  @Proves("G13")
  @DisplayName("A start that waits for the application's transaction costs the worker no lease")
  void aStartThatWaitsCostsNoLease() throws Exception {
    gate("same").open();
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Connection application = db.newConnection();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Durable durable = worker(pool)) {
      application.setAutoCommit(false);
      durable.using(application).start(gated, "same", with -> with.key("same"));
      String worker = worker();
      Future<ExecutionHandle<String>> other =
          threads.submit(() -> durable.start(gated, "same", with -> with.key("same")));
      db.awaitBlocked(1);
      // As a heartbeat does; it fails if the start keeps it waiting.
      db.script(
          "set lock_timeout = '500ms';"
              + " update durable.workers set heartbeat_at = heartbeat_at where name = 'live';"
              + " reset lock_timeout");
      awaitBeats(2);
      application.commit();
      assertThat(other.get().isNew()).isFalse();
      assertThat(other.get().result(EVENTUALLY)).isEqualTo("same");
      assertThat(worker()).isEqualTo(worker);
    }
  }

  @Test
  @Proves("G13")
  @DisplayName("A lock on a dead worker's execution costs no live worker its lease")
  void aLockOnADeadWorkersExecutionCostsNoLease() throws Exception {
    gate("x").open();
    UUID id = ofADeadWorker();
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Connection application = db.newConnection()) {
      ExecutionRows.lockAsAnEntryDoes(application, id);
      try (Durable durable = worker(pool)) {
        String worker = worker();
        awaitBeats(2);
        assertThat(worker()).isEqualTo(worker);
        application.rollback();
        assertThat(durable.handle(id, gated).result(EVENTUALLY)).isEqualTo("x");
      }
    }
  }

  @Test
  @DisplayName("Rows that the application has locked hold up nothing else on the worker")
  void locksHoldUpNobodyElse() throws Exception {
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Connection application = db.newConnection();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Durable durable = worker(pool)) {
      List<ExecutionHandle<String>> locked = new ArrayList<>();
      for (String name : List.of("a", "b", "c", "d")) {
        locked.add(durable.start(gated, name));
        gate(name).awaitReached();
      }
      for (ExecutionHandle<String> handle : locked) {
        ExecutionRows.lockAsAnEntryDoes(application, handle.id());
      }
      durable.using(application).start(gated, "key", with -> with.key("key"));
      String worker = worker();
      Future<ExecutionHandle<String>> start =
          threads.submit(() -> durable.start(gated, "key", with -> with.key("key")));
      for (Gate gate : List.copyOf(gates.values())) {
        gate.open();
        // One after the other: each of the writers comes to a locked row.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(60));
      }
      for (String name : List.of("v", "w", "x", "y", "z")) {
        gate(name).open();
        assertThat(durable.start(gated, name).result(EVENTUALLY)).isEqualTo(name);
      }
      awaitBeats(2);
      assertThat(
              db.number(
                  "select count(*) from durable.workflow_executions where completed_at is null"))
          .isEqualTo(4);
      assertThat(start).isNotDone();
      gate("key").open();
      application.commit();
      assertThat(start.get().isNew()).isFalse();
      assertThat(start.get().result(EVENTUALLY)).isEqualTo("key");
      for (ExecutionHandle<String> handle : locked) {
        assertThat(handle.result(EVENTUALLY)).hasSize(1);
      }
      assertThat(worker()).isEqualTo(worker);
    }
    assertThat(bodies).hasValue(10);
  }

  @Test
  @DisplayName("An execution still locked when its worker ends continues on another")
  void aLockBeyondTheEnd() throws Exception {
    UUID id;
    try (Connection application = db.newConnection()) {
      try (HikariDataSource pool = db.newPool(POOL_SIZE);
          Durable durable = worker(pool)) {
        id = durable.start(gated, "end").id();
        gate("end").awaitReached();
        ExecutionRows.lockAsAnEntryDoes(application, id);
        gate("end").open();
      }
      application.rollback();
    }
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Durable durable = worker(pool)) {
      assertThat(durable.handle(id, gated).result(EVENTUALLY)).isEqualTo("end");
    }
  }

  @Test
  @Proves("G3")
  @DisplayName("An execution started just before its lease was lost does not run under it")
  void aStartThatIsAnsweredAfterTheLeaseWasLost() throws Exception {
    Workflow<String, String> workflow =
        Workflow.define("late", String.class)
            .step(
                "one",
                (text, step) -> {
                  bodies.incrementAndGet();
                  // Nobody but the one who took it over gets past here.
                  Gate.until(() -> tokenOf(step.execution().id()) > 1);
                  return text;
                })
            .build();
    db.script(
        "create table held (); create function hold() returns trigger language plpgsql as $$ begin"
            + " set local lock_timeout = 0; lock table held in access share mode; return null; end"
            + " $$; create constraint trigger hold after insert on durable.workflow_executions"
            + " deferrable initially deferred for each row execute function hold()");
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Connection application = db.newConnection();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Durable durable = worker(pool, workflow)) {
      application.setAutoCommit(false);
      // The commit of a start waits for this lock.
      application.prepareStatement("lock table held").execute();
      Future<ExecutionHandle<String>> start = threads.submit(() -> durable.start(workflow, "x"));
      db.awaitBlocked(1);
      declareDead(worker());
      application.rollback();
      assertThat(start.get().result(EVENTUALLY)).isEqualTo("x");
      assertThat(start.get().isNew()).isTrue();
      assertThat(tokenOf(start.get().id())).isEqualTo(3);
    } finally {
      db.script("drop table held; drop function hold cascade");
    }
    assertThat(bodies).hasValue(1);
  }

  @Test
  @Proves({"G3", "G15"})
  @DisplayName("A start that is answered after it was taken over leaves that run alone")
  void aStartThatIsAnsweredAfterItWasTakenOver() throws Exception {
    Gate answer = new Gate();
    CountDownLatch interrupted = new CountDownLatch(1);
    Workflow<String, String> workflow =
        Workflow.define("taken", String.class)
            .step(
                "one",
                (text, step) -> {
                  try {
                    return pass(step);
                  } catch (InterruptedException expected) {
                    interrupted.countDown();
                    throw expected;
                  }
                })
            .build();
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Durable durable = worker(new HeldAnswers("offered as", answer).on(pool), workflow)) {
      Future<ExecutionHandle<String>> start = threads.submit(() -> durable.start(workflow, "x"));
      answer.awaitReached();
      declareDead(worker());
      gate("x").awaitReached();
      answer.open();
      // The worker still knows what it runs.
      durable.cancel(start.get().id(), "enough");
      assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(bodies).hasValue(1);
  }

  @Test
  @Proves("G3")
  @DisplayName("An execution claimed just before its lease was lost does not run under it")
  void aClaimThatIsAnsweredAfterTheLeaseWasLost() throws Exception {
    Gate answer = new Gate();
    gate("x").open();
    Workflow<String, String> workflow =
        Workflow.define("claimed", String.class).step("one", (text, step) -> pass(step)).build();
    try (HikariDataSource pool = db.newPool(POOL_SIZE);
        Durable client = Durable.on(pool).register(workflow).build()) {
      // Makes the queue known.
      worker(pool, workflow).close();
      ExecutionHandle<String> handle = client.start(workflow, "x");
      try (Durable durable = worker(new HeldAnswers("claimed as", answer).on(pool), workflow)) {
        answer.awaitReached();
        declareDead(worker());
        Gate.until(() -> tokenOf(handle.id()) == 2);
        answer.open();
        assertThat(durable.handle(handle.id(), workflow).result(EVENTUALLY)).isEqualTo("x");
        assertThat(tokenOf(handle.id())).isEqualTo(3);
      }
    }
    assertThat(bodies).hasValue(1);
  }

  private void declareDead(String worker) {
    db.declareDead(UUID.fromString(worker));
    Gate.until(() -> db.number("select count(*) from durable.workers where dead_at is null") > 0);
  }

  private long tokenOf(UUID id) {
    return db.number("select lock_token from durable.workflow_executions where id = ?", id);
  }

  private Durable worker(HikariDataSource pool) {
    return worker(pool, gated);
  }

  private Durable worker(DataSource pool, Workflow<?, ?> workflow) {
    return Durable.on(pool)
        .worker(
            w ->
                w.name("live")
                    .lease(LEASE)
                    .heartbeat(Duration.ofMillis(200))
                    .pollInterval(Duration.ofMillis(200))
                    .drainTime(Duration.ofSeconds(1))
                    .showRunningAfter(Duration.ofMillis(100)))
        .register(workflow)
        .startWorker();
  }

  private UUID ofADeadWorker() {
    return db.addOwned(db.createLostWorker(), "gated", gated.fingerprint(), "\"x\"");
  }

  /** The live worker's id: a worker that loses its lease goes on under another. */
  private String worker() {
    return db.rows("select id::text from durable.workers where name = 'live'").get(0);
  }

  /** Waits until the worker has renewed its lease again, for that many leases from now. */
  private void awaitBeats(int leases) {
    String now = db.rows("select clock_timestamp()::text").get(0);
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workers where name = 'live'"
                        + " and heartbeat_at > ?::timestamptz + ? * lease",
                    now,
                    leases)
                > 0);
  }

  private Gate gate(String name) {
    return gates.computeIfAbsent(name, any -> new Gate());
  }

  private String pass(StepContext<String> step) throws InterruptedException {
    bodies.incrementAndGet();
    gate(step.input()).pass();
    return step.input();
  }
}
