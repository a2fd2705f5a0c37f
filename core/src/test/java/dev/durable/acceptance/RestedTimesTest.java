package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F13.11")
@DisplayName("Nodes that are entered more than once keep the time of their first entry")
@Tag("newest")
class RestedTimesTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> CHILD =
      Workflow.define("child", String.class).await("inner", GO, (text, got) -> text).build();

  private final TestDatabase db;

  RestedTimesTest(TestDatabase db) {
    this.db = db;
  }

  /** A construct that rests, and the path of its row. */
  enum Rests {
    BODY("s") {
      @Override
      Workflow<String, String> workflow(String name) {
        return Workflow.define(name, String.class)
            .step("s", (text, step) -> step.await(GO))
            .build();
      }
    },
    BODY_AFTER_AN_EFFECT("s") {
      @Override
      Workflow<String, String> workflow(String name) {
        return Workflow.define(name, String.class)
            .step(
                "s",
                (text, step) -> {
                  step.run("effect", String.class, () -> "done");
                  return step.await(GO);
                })
            .build();
      }
    },
    EVENT("s") {
      @Override
      Workflow<String, String> workflow(String name) {
        return Workflow.define(name, String.class)
            .await("s", GO, (text, got) -> got, with -> with.timeout(ofDays(1)))
            .build();
      }
    },
    IN_A_BRANCH("both/one/s") {
      @Override
      Workflow<String, String> workflow(String name) {
        return parallel(name);
      }
    },
    PARALLEL("both") {
      @Override
      Workflow<String, String> workflow(String name) {
        return parallel(name);
      }
    },
    FOR_EACH("each") {
      @Override
      Workflow<String, String> workflow(String name) {
        return Workflow.define(name, String.class)
            .forEach(
                "each",
                String.class,
                text -> List.of("a"),
                each -> each.step("s", (item, step) -> step.await(GO)))
            .build();
      }
    },
    REPEAT("loop") {
      @Override
      Workflow<String, String> workflow(String name) {
        return Workflow.define(name, String.class)
            .repeatUntil(
                "loop", text -> true, round -> round.step("s", (text, step) -> step.await(GO)))
            .build();
      }
    };

    final String path;

    Rests(String path) {
      this.path = path;
    }

    abstract Workflow<String, String> workflow(String name);

    static Workflow<String, String> parallel(String name) {
      return Workflow.define(name, String.class)
          .parallel(
              "both",
              par -> {
                par.path(
                    "one", String.class, path -> path.step("s", (text, step) -> step.await(GO)));
                par.path("two", String.class, path -> path.step("t", text -> text));
                return par.join((text, results) -> text);
              })
          .build();
    }
  }

  private Instant clock() {
    return Instant.parse(
        db.rows("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
            .getFirst());
  }

  private static StepExecution row(Durable durable, UUID id, String path) {
    return durable.steps(id).stream()
        .filter(row -> row.path().equals(path) && row.completedAt() != null)
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void whatRestedBeginsBeforeItsRest(Rests rests) {
    for (boolean others : new boolean[] {false, true}) {
      Workflow<String, String> workflow = rests.workflow("rests-" + rests + "-" + others);
      Durable durable = db.start(workflow);
      try {
        Instant before = clock();
        UUID id = durable.start(workflow, "x").id();
        untilWaiting(durable, id);
        if (others) {
          durable.close();
          durable = db.start(workflow);
        }
        Instant atRest = clock();
        durable.send(id, GO, "done");
        durable.handle(id, workflow).result(ofHours(1));
        StepExecution row = row(durable, id, rests.path);
        assertThat(row.startedAt()).isBetween(before.minusMillis(1), atRest);
        assertThat(row.completedAt()).isAfterOrEqualTo(atRest);
      } finally {
        durable.close();
      }
      assertThat(db.violations()).isEmpty();
    }
  }

  @Test
  void aCallBeginsWithItsChild() {
    Workflow<String, String> parent =
        Workflow.define("parent", String.class)
            .call("call", CHILD, text -> text, (text, result) -> result)
            .build();
    try (Durable durable = db.start(parent, CHILD)) {
      UUID id = durable.start(parent, "x").id();
      untilWaiting(durable, id);
      UUID child = durable.children(id).getFirst().id();
      untilWaiting(durable, child);
      Instant atRest = clock();
      durable.send(child, GO, "done");
      durable.handle(id, parent).result(ofHours(1));
      assertThat(row(durable, id, "call").startedAt()).isBefore(atRest);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherAttemptBeginsByItself(boolean waitsAgain) {
    Workflow<String, String> workflow =
        Workflow.define("attempts" + waitsAgain, String.class)
            .step(
                "s",
                (text, step) -> {
                  step.await("first", GO);
                  if (step.attempt() == 1) {
                    throw new IllegalStateException("once more");
                  }
                  return waitsAgain ? step.await("second", GO) : text;
                },
                with -> with.retry(RetryPolicy.constant(ofMillis(1))))
            .build();
    try (Durable durable = db.start(workflow)) {
      UUID id = durable.start(workflow, "x").id();
      untilWaiting(durable, id);
      Instant atRest = clock();
      durable.send(id, GO, "one");
      if (waitsAgain) {
        Gate.until(
            () ->
                durable.waits(id).stream().anyMatch(wait -> wait.path().endsWith("second"))
                    && durable.find(id).orElseThrow().status() == ExecutionStatus.WAITING);
        Instant again = clock();
        durable.send(id, GO, "two");
        durable.handle(id, workflow).result(ofHours(1));
        assertThat(row(durable, id, "s").startedAt()).isBefore(again);
      }
      durable.handle(id, workflow).result(ofHours(1));
      List<StepExecution> attempts =
          durable.steps(id).stream().filter(row -> row.path().equals("s")).toList();
      assertThat(attempts).hasSize(2);
      assertThat(attempts.getFirst().startedAt()).isBefore(atRest);
      assertThat(attempts.getLast().startedAt())
          .isAfterOrEqualTo(attempts.getFirst().completedAt());
    }
  }
}
