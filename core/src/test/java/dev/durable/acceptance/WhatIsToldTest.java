package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.UnreadEvent;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F13.12")
@DisplayName("Messages for people")
@Tag("newest")
class WhatIsToldTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("s", text -> text).build();

  private final TestDatabase db;

  WhatIsToldTest(TestDatabase db) {
    this.db = db;
  }

  private static ErrorInfo errorOf(ExecutionHandle<?> handle) {
    ExecutionFailedException failure =
        catchThrowableOfType(ExecutionFailedException.class, () -> handle.result(ofSeconds(60)));
    assertThat(failure).isNotNull();
    return failure.error();
  }

  @Nested
  class AWorkflowTimeout {

    @Test
    void namesTheRunningStepAndTheLastFailure() {
      Workflow<String, String> workflow =
          Workflow.define("running", String.class, with -> with.timeout(ofSeconds(3)))
              .step("first", text -> text)
              .step(
                  "hang",
                  (text, step) -> {
                    if (step.attempt() == 1) {
                      throw new IllegalStateException("no dice");
                    }
                    new CountDownLatch(1).await();
                    return text;
                  },
                  with -> with.retry(RetryPolicy.constant(ofMillis(1))))
              .build();
      try (Durable durable = db.start(workflow)) {
        ErrorInfo error = errorOf(durable.start(workflow, "x"));
        assertThat(error.type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        assertThat(error.step()).isEqualTo("hang");
        assertThat(error.message())
            .contains("'hang'", IllegalStateException.class.getName(), "no dice");
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void namesTheStepThatWaitsForItsNextAttempt(boolean hasWorker) {
      String name = "backoff" + hasWorker;
      Workflow<String, String> workflow =
          Workflow.define(name, String.class, with -> with.timeout(ofDays(1)))
              .step(
                  "fail",
                  text -> {
                    throw new IllegalStateException("later");
                  },
                  with -> with.retry(RetryPolicy.constant(ofHours(1))))
              .build();
      ErrorInfo error = lateAtRest(workflow, hasWorker);
      assertThat(error.step()).isEqualTo("fail");
      assertThat(error.message())
          .contains("'fail'", IllegalStateException.class.getName(), "later");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void namesTheWait(boolean hasWorker) {
      String name = "wait" + hasWorker;
      Workflow<String, String> workflow =
          Workflow.define(name, String.class, with -> with.timeout(ofDays(1)))
              .await("payment", GO, (text, got) -> text)
              .build();
      ErrorInfo error = lateAtRest(workflow, hasWorker);
      assertThat(error.step()).startsWith("payment");
      assertThat(error.message()).contains("'payment").doesNotContain("failure");
    }

    private ErrorInfo lateAtRest(Workflow<String, String> workflow, boolean hasWorker) {
      UUID id;
      try (Durable durable = db.start(workflow)) {
        id = durable.start(workflow, "x").id();
        untilWaiting(durable, id);
      }
      db.makeOverdue(id);
      Workflow<String, String> registered = hasWorker ? workflow : ECHO;
      try (Durable durable = db.start(registered)) {
        ErrorInfo error = errorOf(durable.handle(id));
        assertThat(error.type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        return error;
      }
    }
  }

  @Nested
  class ARetryIfThatThrows {

    /** Refuses to keep what others throw. */
    private static final class Bare extends Exception {
      private static final long serialVersionUID = 1L;

      Bare(String message) {
        super(message, null, false, false);
      }
    }

    enum Kind {
      ANOTHER,
      THE_SAME,
      AN_ERROR,
      OF_A_FAILURE_THAT_KEEPS_NOTHING
    }

    private static boolean judge(Kind kind, Throwable failure) {
      switch (kind) {
        case THE_SAME -> throw (IllegalStateException) failure;
        case AN_ERROR -> throw new AssertionError("broken condition");
        default -> throw new UnsupportedOperationException("broken condition");
      }
    }

    @ParameterizedTest
    @EnumSource
    void leavesATrace(Kind kind) {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("condition-" + kind, String.class)
              .step(
                  "s",
                  text -> {
                    calls.incrementAndGet();
                    if (kind == Kind.OF_A_FAILURE_THAT_KEEPS_NOTHING) {
                      throw new Bare("the reason");
                    }
                    throw new IllegalStateException("the reason");
                  },
                  with ->
                      with.retry(
                          RetryPolicy.constant(ofMillis(1))
                              .retryIf(failure -> judge(kind, failure))))
              .build();
      try (Durable durable = db.start(workflow)) {
        ErrorInfo error = errorOf(durable.start(workflow, "x"));
        assertThat(calls).hasValue(1);
        assertThat(error.message()).startsWith("the reason").contains("retryIf");
        if (kind != Kind.THE_SAME) {
          assertThat(error.message()).contains("broken condition");
        }
      }
    }
  }

  @Test
  void whatAnUnknownExecutionWaitsForAndHasStartedIsRefused() {
    UUID unknown = new UUID(7, 7);
    try (Durable durable = db.start(ECHO)) {
      assertThatThrownBy(() -> durable.waits(unknown))
          .isInstanceOf(ExecutionNotFoundException.class)
          .hasMessageContaining(unknown.toString());
      assertThatThrownBy(() -> durable.children(unknown))
          .isInstanceOf(ExecutionNotFoundException.class)
          .hasMessageContaining(unknown.toString());
      UUID id = durable.start(ECHO, "x").id();
      assertThat(durable.handle(id).result(ofSeconds(60))).isNotNull();
      assertThat(durable.waits(id)).isEmpty();
      assertThat(durable.children(id)).isEmpty();
    }
  }

  @Test
  void eventsThatWereNotReadAreShown() {
    Workflow<String, String> waiting =
        Workflow.define("unread", String.class).await("go", GO, (text, got) -> got).build();
    Event<String> misspelt = Event.of("gp", String.class);
    try (Durable durable = db.start(waiting)) {
      UUID id = durable.start(waiting, "x").id();
      assertThat(durable.unread(id)).isEmpty();
      durable.send(id, misspelt, "one", with -> with.idempotencyKey("k"));
      durable.send(id, misspelt, "two");
      assertThat(durable.unread(id))
          .extracting(UnreadEvent::name, UnreadEvent::payload, UnreadEvent::idempotencyKey)
          .containsExactly(tuple("gp", "\"one\"", "k"), tuple("gp", "\"two\"", null));
      durable.send(id, GO, "three");
      assertThat(durable.handle(id, waiting).result(ofSeconds(60))).isEqualTo("three");
      assertThat(durable.unread(id)).hasSize(2).allMatch(event -> event.executionId().equals(id));
      assertThatThrownBy(() -> durable.unread(new UUID(7, 7)))
          .isInstanceOf(ExecutionNotFoundException.class);
    }
  }

  @Test
  void delayAndAtTogetherAreRefusedInEitherOrder() {
    Instant time = Instant.parse("2100-01-01T00:00:00Z");
    assertThatThrownBy(() -> StartOptions.of(with -> with.delay(ofHours(1)).at(time)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("delay")
        .hasMessageContaining("at");
    assertThatThrownBy(() -> StartOptions.of(with -> with.at(time).delay(ofHours(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("delay")
        .hasMessageContaining("at");
    assertThat(StartOptions.of(with -> with.delay(ofHours(1)).delay(ofHours(2))).delay())
        .isEqualTo(ofHours(2));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE})
  void aNegativeTimeForAResultIsRefused(long seconds) {
    try (Durable durable = db.start(ECHO)) {
      ExecutionHandle<String> handle = durable.start(ECHO, "x");
      assertThat(handle.result(ofSeconds(60))).isEqualTo("x");
      assertThatThrownBy(() -> handle.result(Duration.ofSeconds(seconds)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("negative");
      assertThatThrownBy(() -> durable.handle(handle.id()).result(Duration.ofSeconds(seconds)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
