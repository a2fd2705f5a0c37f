package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepTimeoutException;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class TimeoutTest {

  private final TestDatabase db;

  TimeoutTest(TestDatabase db) {
    this.db = db;
  }

  private static ErrorInfo failureOf(ExecutionHandle<?> handle) {
    ExecutionFailedException failure =
        catchThrowableOfType(ExecutionFailedException.class, () -> handle.result(SOON));
    assertThat(failure).isNotNull();
    return failure.error();
  }

  @Nested
  class OfAStep {

    @Test
    void interruptsTheBodyAndFailsTheAttempt() throws Exception {
      CountDownLatch interrupted = new CountDownLatch(1);
      Workflow<String, String> slow =
          Workflow.define("slow", String.class)
              .step(
                  "hang",
                  text -> {
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException expected) {
                      interrupted.countDown();
                      throw expected;
                    }
                    return text;
                  },
                  with -> with.timeout(ofMillis(30)))
              .build();
      try (Durable durable = db.start(slow)) {
        ExecutionHandle<String> handle = durable.start(slow, "x");
        ErrorInfo error = failureOf(handle);
        assertThat(error.type()).isEqualTo(StepTimeoutException.class.getName());
        assertThat(error.message()).contains("'hang'").contains("PT0.03S");
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(durable.steps(handle.id()))
            .extracting(StepExecution::status)
            .containsExactly(StepStatus.FAILED);
      }
    }

    @Test
    void throwsAwayWhatABodyReturnsThatSwallowsTheInterrupt() throws Exception {
      CountDownLatch returned = new CountDownLatch(1);
      Gate gate = new Gate();
      Workflow<String, String> stubborn =
          Workflow.define("stubborn", String.class)
              .step(
                  "hang",
                  (text, step) -> {
                    boolean open = false;
                    while (!open) {
                      try {
                        gate.pass();
                        open = true;
                      } catch (InterruptedException swallowed) {
                        assertThat(step.isCancelled()).isTrue();
                      }
                    }
                    returned.countDown();
                    return text;
                  },
                  with -> with.timeout(ofMillis(30)))
              .step("never", text -> text)
              .build();
      try (Durable durable = db.start(stubborn)) {
        ExecutionHandle<String> handle = durable.start(stubborn, "x");
        assertThat(failureOf(handle).type()).isEqualTo(StepTimeoutException.class.getName());
        gate.open();
        assertThat(returned.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(handle.status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(durable.steps(handle.id()))
            .extracting(s -> s.path() + " " + s.status().text())
            .containsExactly("hang failed");
      }
    }

    @Test
    void isRetriedWhenThePolicyAllows() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> slow =
          Workflow.define("slow_once", String.class)
              .step(
                  "hang",
                  text -> {
                    if (calls.incrementAndGet() == 1) {
                      new CountDownLatch(1).await();
                    }
                    return text + calls.get();
                  },
                  with ->
                      with.timeout(ofSeconds(1))
                          .retry(
                              RetryPolicy.constant(ofMillis(1))
                                  .retryIf(failure -> failure instanceof StepTimeoutException)))
              .build();
      try (Durable durable = db.start(slow)) {
        assertThat(durable.start(slow, "x").result(SOON)).isEqualTo("x2");
      }
    }

    @Test
    void forEverIsNoTimeout() {
      Duration forEver = java.time.temporal.ChronoUnit.FOREVER.getDuration();
      Workflow<String, String> patient =
          Workflow.define("patient", String.class, with -> with.timeout(forEver))
              .step("s", text -> text, with -> with.timeout(forEver))
              .build();
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(patient)
              .worker(w -> w.drainTime(forEver))
              .startWorker()) {
        assertThat(durable.start(patient, "x").result(forEver)).isEqualTo("x");
      }
    }
  }

  @Nested
  class OfTheWorkflow {

    @Test
    void strikesWhileABodyRuns() throws Exception {
      CountDownLatch interrupted = new CountDownLatch(1);
      Workflow<String, String> slow =
          Workflow.define("slow_workflow", String.class, with -> with.timeout(ofMillis(50)))
              .step(
                  "hang",
                  text -> {
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException expected) {
                      interrupted.countDown();
                    }
                    return text;
                  })
              .build();
      try (Durable durable = db.start(slow)) {
        ExecutionHandle<String> handle = durable.start(slow, "x");
        ErrorInfo error = failureOf(handle);
        assertThat(error.type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        assertThat(error.step()).isEqualTo("hang");
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        Execution failed = durable.find(handle.id()).orElseThrow();
        assertThat(failed.completedAt()).isAfterOrEqualTo(failed.deadlineAt());
      }
    }

    @Test
    @Proves("G7")
    @DisplayName("It strikes while a retry's backoff runs, and does not start the attempt early")
    void strikesDuringABackoff() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> failing =
          Workflow.define("failing_workflow", String.class, with -> with.timeout(ofMillis(200)))
              .step(
                  "fail",
                  text -> {
                    calls.incrementAndGet();
                    throw new IllegalStateException("later");
                  },
                  with -> with.retry(RetryPolicy.constant(ofHours(1))))
              .build();
      try (Durable durable = db.start(failing)) {
        ExecutionHandle<String> handle = durable.start(failing, "x");
        assertThat(failureOf(handle).type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        assertThat(calls).hasValue(1);
      }
    }

    @Test
    void countsFromTheScheduledStart() {
      Workflow<String, String> quick =
          Workflow.define("quick", String.class, with -> with.timeout(ofHours(1)))
              .step("s", text -> text)
              .build();
      try (Durable durable = db.start(quick)) {
        ExecutionHandle<String> handle = durable.start(quick, "x", o -> o.delay(ofDays(1)));
        Execution pending = durable.find(handle.id()).orElseThrow();
        assertThat(pending.deadlineAt()).isEqualTo(pending.scheduledAt().plus(ofHours(1)));
        durable.cancel(handle.id());
      }
    }

    @Test
    void strikesBeforeTheFirstBodyIfNobodyCameInTime() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, Integer> late =
          Workflow.define("late", String.class, with -> with.timeout(ofMillis(1)))
              .step("s", Integer.class, text -> calls.incrementAndGet())
              .build();
      UUID id;
      try (Durable client = Durable.on(db.dataSource()).register(late).build()) {
        db.start(late).close(); // makes the queue known
        id = client.start(late, "x").id();
        Gate.until(
            () ->
                db.number(
                        "select count(*) from durable.workflow_executions"
                            + " where id = ? and deadline_at < now()",
                        id)
                    == 1);
      }
      try (Durable durable = db.start(late)) {
        assertThat(failureOf(durable.handle(id)).type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        assertThat(calls).hasValue(0);
      }
    }

    @Test
    void aPastTimeOfStartDoesNotUseItUp() {
      Workflow<String, String> quick =
          Workflow.define("past", String.class, with -> with.timeout(ofHours(1)))
              .step("s", text -> text)
              .build();
      try (Durable durable = db.start(quick)) {
        ExecutionHandle<String> handle =
            durable.start(quick, "x", o -> o.at(Instant.parse("2001-01-01T00:00:00Z")));
        assertThat(handle.result(SOON)).isEqualTo("x");
      }
    }

    @Test
    void countsAnewAfterEachRetryOfAnOperator() {
      Workflow<String, String> failing =
          Workflow.define("fails_twice", String.class, with -> with.timeout(ofHours(1)))
              .step(
                  "s",
                  text -> {
                    throw new IllegalStateException("no");
                  })
              .build();
      try (Durable durable = db.start(failing)) {
        ExecutionHandle<String> handle = durable.start(failing, "x");
        failureOf(handle);
        for (int i = 0; i < 2; i++) {
          db.age(handle.id(), ofDays(1));
          Instant before = durable.find(handle.id()).orElseThrow().updatedAt();
          durable.retry(handle.id());
          failureOf(durable.handle(handle.id()));
          Execution again = durable.find(handle.id()).orElseThrow();
          assertThat(again.deadlineAt())
              .isBetween(before.plus(ofHours(1)), again.updatedAt().plus(ofHours(1)));
        }
      }
    }
  }

  @Nested
  @Proves({"G7", "B-24"})
  @DisplayName("Due times go by the database clock, whatever the sessions' time zone")
  class DueTimes {

    private HikariDataSource poolIn(String zone) {
      // A pool of its own below: its sessions keep the zone when they are given back.
      HikariConfig config = new HikariConfig();
      config.setDataSource(db.newPool(10));
      config.setConnectionInitSql("set timezone to '" + zone + "'");
      return new HikariDataSource(config);
    }

    private final Workflow<String, String> echo =
        Workflow.define("echo", String.class).step("s", text -> text).build();

    @Test
    void aDelayedStartFiresOnceAndNeverEarly() {
      for (String zone : List.of("Asia/Kolkata", "America/Los_Angeles", "UTC")) {
        try (HikariDataSource pool = poolIn(zone);
            Durable durable = Durable.on(pool).register(echo).startWorker()) {
          ExecutionHandle<String> soon = durable.start(echo, "x", o -> o.delay(ofMillis(150)));
          ExecutionHandle<String> later = durable.start(echo, "x", o -> o.delay(ofHours(2)));
          assertThat(soon.result(SOON)).isEqualTo("x");
          Execution fired = durable.find(soon.id()).orElseThrow();
          assertThat(fired.scheduledAt()).isEqualTo(fired.insertedAt().plus(ofMillis(150)));
          assertThat(fired.startedAt()).isAfterOrEqualTo(fired.scheduledAt());
          assertThat(fired.lockToken()).isEqualTo(1);
          Execution waiting = durable.find(later.id()).orElseThrow();
          assertThat(waiting.status()).isEqualTo(ExecutionStatus.PENDING);
          assertThat(waiting.wakeAt()).isEqualTo(waiting.insertedAt().plus(ofHours(2)));
          durable.cancel(later.id());
        }
      }
    }

    @Test
    void anInstantIsTheSameInstantInEveryZone() {
      Instant at = Instant.parse("2100-07-01T09:00:00.123456Z");
      for (String zone : List.of("Asia/Kolkata", "America/Los_Angeles")) {
        try (HikariDataSource pool = poolIn(zone);
            Durable durable = Durable.on(pool).register(echo).startWorker()) {
          ExecutionHandle<String> handle = durable.start(echo, "x", o -> o.at(at));
          assertThat(durable.find(handle.id()).orElseThrow().scheduledAt()).isEqualTo(at);
          assertThat(
                  db.number(
                      "select count(*) from durable.workflow_executions where id = ?"
                          + " and wake_at = timestamptz '2100-07-01 09:00:00.123456 UTC'",
                      handle.id()))
              .isEqualTo(1);
          durable.cancel(handle.id());
        }
      }
    }

    @Test
    void aTimeFarAheadKeepsNobodyFromWorking() {
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(echo)
              .worker(w -> w.notifications(false))
              .startWorker()) {
        ExecutionHandle<String> never =
            durable.start(echo, "x", o -> o.at(Instant.parse("9999-12-31T23:59:59Z")));
        ExecutionHandle<String> ages =
            durable.start(
                echo, "x", o -> o.delay(java.time.temporal.ChronoUnit.FOREVER.getDuration()));
        ExecutionHandle<String> soon = durable.start(echo, "y", o -> o.delay(ofMillis(20)));
        assertThat(soon.result(SOON)).isEqualTo("y");
        assertThat(never.status()).isEqualTo(ExecutionStatus.PENDING);
        durable.cancel(never.id());
        durable.cancel(ages.id());
      }
    }
  }
}
