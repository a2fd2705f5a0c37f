package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionParkedException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class ChangedDefinitionTest {

  private final TestDatabase db;
  private final List<String> ran = new CopyOnWriteArrayList<>();

  ChangedDefinitionTest(TestDatabase db) {
    this.db = db;
  }

  /** Executions left by other tests would continue as soon as a definition fits them. */
  @BeforeEach
  void clear() {
    db.deleteExecutions();
  }

  private Workflow<String, String> steps(int version, String... names) {
    WorkflowBuilder<String, String> builder =
        Workflow.define("evolving", String.class, with -> with.version(version));
    for (String name : names) {
      builder =
          builder.step(
              name,
              text -> {
                ran.add(name);
                return text + name;
              });
    }
    return builder.build();
  }

  /** Runs the given steps and stops before the last of them, which waits for its next attempt. */
  private UUID stoppedBefore(String last, String... names) {
    WorkflowBuilder<String, String> builder = Workflow.define("evolving", String.class);
    for (String name : names) {
      builder =
          builder.step(
              name,
              text -> {
                if (name.equals(last)) {
                  throw new IllegalStateException("not yet");
                }
                ran.add(name);
                return text + name;
              },
              with -> with.retry(RetryPolicy.constant(ofHours(1))));
    }
    return stopped(builder.build());
  }

  /** Runs until a step waits for its next attempt. */
  private UUID stopped(Workflow<String, String> before) {
    UUID id;
    try (Durable durable = db.start(before)) {
      ExecutionHandle<String> handle = durable.start(before, "");
      untilStatus(handle, ExecutionStatus.WAITING);
      id = handle.id();
    }
    db.makeDue(id);
    return id;
  }

  private static String notYet(String text) {
    throw new IllegalStateException("not yet");
  }

  private String parkedBecause(UUID id, Workflow<String, String> now) {
    try (Durable durable = db.start(now)) {
      ExecutionParkedException parked =
          catchThrowableOfType(
              ExecutionParkedException.class, () -> durable.handle(id).result(SOON));
      assertThat(parked).isNotNull();
      assertThat(parked.error().type()).isEqualTo(ErrorInfo.DEFINITION_CHANGED);
      assertThat(durable.find(id).orElseThrow().status()).isEqualTo(ExecutionStatus.PARKED);
      return parked.error().message();
    }
  }

  private String result(UUID id, Workflow<String, String> now) {
    try (Durable durable = db.start(now)) {
      return durable.handle(id, now).result(SOON);
    }
  }

  @Nested
  @Proves({"B-12", "R-106"})
  @DisplayName("A change that does not fit parks, with the exact difference")
  class AChangeThatDoesNotFit {

    @Test
    void aCompletedStepWasRenamed() {
      UUID id = stoppedBefore("c", "a", "b", "c");
      assertThat(parkedBecause(id, steps(1, "a", "renamed", "c")))
          .contains("step 'b' has completed, but is not in it")
          .contains("Workflow[evolving v1]")
          .contains(".version()");
      assertThat(ran).containsExactly("a", "b");
    }

    @Test
    void aCompletedStepWasRemoved() {
      UUID id = stoppedBefore("c", "a", "b", "c");
      assertThat(parkedBecause(id, steps(1, "a", "c"))).contains("'b'");
    }

    @Test
    void aStepWasInsertedBeforeACompletedOne() {
      UUID id = stoppedBefore("c", "a", "b", "c");
      assertThat(parkedBecause(id, steps(1, "a", "new", "b", "c")))
          .contains("'new' stands before or in place of 'b'");
      assertThat(ran).containsExactly("a", "b");
    }

    @Test
    void completedStepsChangedPlaces() {
      UUID id = stoppedBefore("c", "a", "b", "c");
      assertThat(parkedBecause(id, steps(1, "b", "a", "c"))).contains("'a'");
    }

    @Test
    void aCompletedStepBecameATransaction() {
      UUID id = stoppedBefore("b", "a", "b");
      Workflow<String, String> now =
          Workflow.define("evolving", String.class)
              .transaction("a", (text, tx) -> text)
              .step("b", text -> text)
              .build();
      assertThat(parkedBecause(id, now))
          .contains("'a' completed as a step and is now a transaction");
    }

    @Test
    void nothingUndoesACompletedStepAnyMore() {
      UUID id =
          stopped(
              Workflow.define("evolving", String.class)
                  .step("a", text -> text, with -> with.compensate("refund", text -> {}))
                  .step(
                      "b",
                      ChangedDefinitionTest::notYet,
                      with -> with.retry(RetryPolicy.constant(ofHours(1))))
                  .build());
      assertThat(parkedBecause(id, steps(1, "a", "b")))
          .contains("'a' completed while 'refund' undid it, and nothing undoes it now");
      assertThat(ran).isEmpty();
    }

    @Test
    @Proves("F10.2")
    @DisplayName("It continues by itself as soon as the right definition is registered")
    void goesOnAfterTheRightDefinitionIsRegistered() {
      UUID id = stoppedBefore("c", "a", "b", "c");
      parkedBecause(id, steps(1, "x", "y"));
      try (Durable durable = db.start(steps(1, "a", "b", "c"))) {
        untilStatus(durable, id, ExecutionStatus.COMPLETED);
        assertThat(durable.handle(id).result(SOON)).isEqualTo("\"abc\"");
        assertThat(ran).containsExactly("a", "b", "c");
      }
    }

    @Test
    void mayBeCancelled() {
      UUID id = stoppedBefore("b", "a", "b");
      parkedBecause(id, steps(1, "x"));
      try (Durable client = Durable.on(db.dataSource()).build()) {
        client.cancel(id, "given up");
        assertThat(client.handle(id).status()).isEqualTo(ExecutionStatus.CANCELLED);
      }
    }
  }

  @Nested
  class AChangeThatFits {

    @Test
    @Proves({"R-107", "R-109", "R-110"})
    @DisplayName("Completed steps are not run again; the others are")
    void nothingChanged() {
      UUID id = stoppedBefore("b", "a", "b", "c");
      assertThat(result(id, steps(1, "a", "b", "c"))).isEqualTo("abc");
      assertThat(ran).containsExactly("a", "b", "c");
    }

    @Test
    void aStepWasAddedAtTheEnd() {
      UUID id = stoppedBefore("b", "a", "b");
      assertThat(result(id, steps(1, "a", "b", "more"))).isEqualTo("abmore");
    }

    @Test
    void aStepThatHasNotCompletedWasRenamed() {
      UUID id = stoppedBefore("b", "a", "b");
      assertThat(result(id, steps(1, "a", "other"))).isEqualTo("aother");
    }

    @Test
    void aStepWasInsertedAfterTheLastCompletedOne() {
      UUID id = stoppedBefore("b", "a", "b");
      assertThat(result(id, steps(1, "a", "between", "b"))).isEqualTo("abetweenb");
    }
  }

  @Test
  @DisplayName("Several versions side by side: each execution continues with its own")
  void versionsRunSideBySide() {
    UUID old = stoppedBefore("b", "a", "b");
    Workflow<String, String> one = steps(1, "a", "b");
    Workflow<String, String> two = steps(2, "z");
    try (Durable durable = db.start(one, two)) {
      assertThat(durable.handle(old, one).result(SOON)).isEqualTo("ab");
      assertThat(durable.start(two, "").result(SOON)).isEqualTo("z");
      assertThat(durable.start(one, "").result(SOON)).isEqualTo("ab");
      assertThat(durable.start("evolving", "\"\"").result(SOON)).as("newest").isEqualTo("\"z\"");
      assertThat(
              db.rows(
                  "select version from durable.workflow_definitions"
                      + " where name = 'evolving' and fingerprint in (?, ?) order by 1",
                  one.fingerprint(),
                  two.fingerprint()))
          .containsExactly("1", "2");
    }
  }

  @Test
  void twoDefinitionsOfOneVersionAreRefused() {
    DurableBuilder builder = Durable.on(db.dataSource()).register(steps(1, "a"));
    assertThatThrownBy(() -> builder.register(steps(1, "b")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'evolving' have version 1")
        .hasMessageContaining(".version(");
  }

  @Test
  @Proves("B-46")
  @DisplayName("A worker that knows neither the workflow nor the version never claims it")
  void anUnknownDefinitionIsLeftToOthers() {
    Workflow<String, String> other =
        Workflow.define("other", String.class).step("s", text -> text).build();
    Workflow<String, String> two = steps(2, "b");
    try (Durable old = db.start(steps(1, "a"), other);
        Durable client = Durable.on(db.dataSource()).register(two).build()) {
      UUID waits = client.start(two, "").id();
      // The old worker goes on claiming, past what it does not know.
      for (int i = 0; i < 5; i++) {
        assertThat(client.start("other", "\"x\"").result(SOON)).isEqualTo("\"x\"");
      }
      Execution execution = client.find(waits).orElseThrow();
      assertThat(execution.status()).isEqualTo(ExecutionStatus.PENDING);
      assertThat(execution.lockToken()).isZero();
      try (Durable fresh = db.start(two)) {
        assertThat(fresh.handle(waits, two).result(SOON)).isEqualTo("b");
      }
      assertThat(old.countByStatus(q -> q.status(ExecutionStatus.FAILED))).isEmpty();
    }
  }

  @Test
  @Proves("B-14")
  @DisplayName("Steps of the same name in two workflows run their own bodies")
  void bodiesBelongToTheirDefinition() {
    Workflow<String, String> one =
        Workflow.define("one", String.class).step("same", text -> "one").build();
    Workflow<String, String> two =
        Workflow.define("two", String.class).step("same", text -> "two").build();
    try (Durable durable = db.start(one, two)) {
      assertThat(durable.start(one, "").result(SOON)).isEqualTo("one");
      assertThat(durable.start(two, "").result(SOON)).isEqualTo("two");
    }
  }
}
