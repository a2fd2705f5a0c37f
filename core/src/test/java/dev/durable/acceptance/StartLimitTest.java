package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.temporal.ChronoUnit.MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A start has a timeout or a deadline of its own")
class StartLimitTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> WAITING =
      Workflow.define("waiting", String.class, with -> with.timeout(ofHours(1)))
          .await("go", GO, (text, got) -> text)
          .build();

  private final TestDatabase db;

  StartLimitTest(TestDatabase db) {
    this.db = db;
  }

  private static Instant inAWeek() {
    return Instant.now().plus(ofDays(7)).truncatedTo(MICROS);
  }

  /** The time from the (scheduled) start to the deadline. */
  private static Duration limit(Durable durable, UUID id) {
    Execution execution = durable.find(id).orElseThrow();
    Instant begin =
        execution.scheduledAt() == null ? execution.insertedAt() : execution.scheduledAt();
    return Duration.between(begin, execution.deadlineAt());
  }

  private static void assertTimedOut(ExecutionHandle<?> handle) {
    assertThatThrownBy(() -> handle.result(SOON))
        .isInstanceOfSatisfying(
            ExecutionFailedException.class,
            failed -> assertThat(failed.error().type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT));
  }

  @Test
  @DisplayName("Its timeout replaces the workflow's, and counts from the scheduled start")
  void replacesTheWorkflows() {
    try (Durable durable = db.start(WAITING)) {
      UUID now = durable.start(WAITING, "x", o -> o.timeout(ofHours(2))).id();
      assertThat(limit(durable, now)).isEqualTo(ofHours(2));
      UUID later = durable.start(WAITING, "x", o -> o.delay(ofDays(1)).timeout(ofHours(2))).id();
      assertThat(limit(durable, later)).isEqualTo(ofHours(2));
      assertTimedOut(durable.start(WAITING, "x", o -> o.timeout(ofMillis(50))));
    }
  }

  @Test
  @DisplayName("Its deadline is the point in time that was asked for")
  void isAPointInTime() {
    Instant end = inAWeek();
    try (Durable durable = db.start(WAITING)) {
      UUID now = durable.start(WAITING, "x", o -> o.deadline(end)).id();
      assertThat(durable.find(now).orElseThrow().deadlineAt()).isEqualTo(end);
      UUID later = durable.start(WAITING, "x", o -> o.delay(ofHours(1)).deadline(end)).id();
      assertThat(durable.find(later).orElseThrow().deadlineAt()).isEqualTo(end);
    }
  }

  @Test
  @DisplayName("After a deadline that has passed it does nothing")
  void doesNothingAfterTheDeadline() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, Integer> counting =
        Workflow.define("counting", String.class)
            .step("s", Integer.class, text -> calls.incrementAndGet())
            .build();
    try (Durable durable = db.start(counting)) {
      assertTimedOut(
          durable.start(counting, "x", o -> o.deadline(Instant.parse("2001-01-01T00:00:00Z"))));
      assertThat(calls).hasValue(0);
      assertThat(durable.start(counting, "x", o -> o.deadline(inAWeek())).result(SOON))
          .isEqualTo(1);
    }
  }

  @Test
  @DisplayName("It is kept by every way to start")
  void isKept() throws Exception {
    Instant end = inAWeek();
    try (Durable durable = db.start(WAITING);
        Durable client = Durable.on(db.dataSource()).build()) {
      for (ExecutionHandle<String> one :
          durable.startAll(WAITING, List.of("a", "b"), (text, o) -> o.deadline(end))) {
        assertThat(durable.find(one.id()).orElseThrow().deadlineAt()).isEqualTo(end);
      }
      UUID named = client.start("waiting", "\"x\"", o -> o.timeout(ofHours(3))).id();
      assertThat(limit(durable, named)).isEqualTo(ofHours(3));
      UUID sent =
          durable
              .startAndSend(WAITING, "x", GO, "go", o -> o.timeout(ofHours(4)).delay(ofHours(1)))
              .id();
      assertThat(limit(durable, sent)).isEqualTo(ofHours(4));
      try (Connection connection = db.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        UUID inside = durable.using(connection).start(WAITING, "x", o -> o.deadline(end)).id();
        connection.commit();
        assertThat(durable.find(inside).orElseThrow().deadlineAt()).isEqualTo(end);
      }
    }
  }

  @Test
  @DisplayName("A retry gives it as much time again, as the workflow's timeout")
  void countsAnewAfterARetry() {
    Workflow<String, String> failing =
        Workflow.define("failing", String.class, with -> with.timeout(ofHours(1)))
            .step(
                "s",
                text -> {
                  throw new IllegalStateException("no");
                })
            .build();
    try (Durable durable = db.start(failing)) {
      UUID id = durable.start(failing, "x", o -> o.timeout(ofDays(3))).id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      db.age(id, ofDays(30));
      Instant before = durable.find(id).orElseThrow().updatedAt();
      durable.retry(id);
      untilStatus(durable, id, ExecutionStatus.FAILED);
      Execution again = durable.find(id).orElseThrow();
      assertThat(again.deadlineAt())
          .isBetween(before.plus(ofDays(3)), again.updatedAt().plus(ofDays(3)));
    }
  }
}
