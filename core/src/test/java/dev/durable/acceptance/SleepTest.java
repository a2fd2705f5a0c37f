package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.body;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"R-151 to R-159", "R-161", "R-212"})
@DisplayName("Sleeping")
class SleepTest {

  private final TestDatabase db;

  SleepTest(TestDatabase db) {
    this.db = db;
  }

  private static final Workflow<String, String> NAP =
      Workflow.define("nap", String.class)
          .step("before", s -> s + " slept")
          .sleep("rest", Duration.ofSeconds(30))
          .step("after", s -> s + " woke")
          .build();

  @Test
  @Proves({"R-151", "R-152", "R-153", "G7"})
  @DisplayName("A sleeping execution waits, without an owner, for 30 s by the database's clock")
  void restsOwnedByNobody() {
    try (Durable durable = db.start(NAP)) {
      UUID id = durable.start(NAP, "she").id();
      untilWaiting(durable, id);
      Execution execution = durable.find(id).orElseThrow();
      assertThat(execution.worker()).isNull();
      assertThat(Duration.between(execution.updatedAt(), execution.wakeAt()))
          .isEqualTo(Duration.ofSeconds(30));
      assertThat(steps(durable, id)).containsExactly("before completed", "rest/rest waiting");
      durable.cancel(id);
    }
  }

  @Test
  @Proves({"R-156", "R-157", "R-159", "R-212"})
  @DisplayName("Two sleeps wake, each in its turn, and the data is kept")
  void wakesAndGoesOn() {
    Workflow<String, String> naps =
        Workflow.define("naps", String.class)
            .sleep("first", Duration.ofMillis(60))
            .step("between", s -> s + " between")
            .sleep("second", data -> Duration.ofMillis(60))
            .step("after", s -> s + " after")
            .build();
    try (Durable durable = db.start(naps)) {
      ExecutionHandle<String> handle = durable.start(naps, "data");
      assertThat(handle.result(SOON)).isEqualTo("data between after");
      List<StepExecution> rows = durable.steps(handle.id());
      assertThat(rows)
          .extracting(row -> row.path() + " " + row.status().text())
          .containsExactly(
              "first/first completed",
              "first completed",
              "between completed",
              "second/second completed",
              "second completed",
              "after completed");
      for (StepExecution row : List.of(rows.get(0), rows.get(3))) {
        assertThat(row.completedAt()).isAfterOrEqualTo(row.wakeAt());
      }
    }
  }

  @Test
  @Proves({"R-154", "R-155"})
  @DisplayName("A sleep until an instant ends at that very instant")
  void wakesAtAnInstant() {
    Instant nine = Instant.parse("2099-01-01T09:00:00.123456Z");
    Workflow<String, String> until =
        Workflow.define("until", String.class).sleepUntil("nine", data -> nine).build();
    try (Durable durable = db.start(until)) {
      UUID id = durable.start(until, "").id();
      untilWaiting(durable, id);
      assertThat(durable.find(id).orElseThrow().wakeAt()).isEqualTo(nine);
      durable.cancel(id);
      assertThat(durable.steps(id))
          .extracting(StepExecution::status)
          .containsOnly(StepStatus.CANCELLED);
    }
  }

  @Test
  @Proves("R-158")
  @DisplayName("An instant in the past is over at once")
  void thePastIsOver() {
    Workflow<String, String> until =
        Workflow.define("until_past", String.class)
            .sleepUntil("past", data -> Instant.parse("2001-01-01T00:00:00Z"))
            .build();
    try (Durable durable = db.start(until)) {
      assertThat(durable.start(until, "on").result(SOON)).isEqualTo("on");
    }
  }

  @Test
  @Proves("B-65")
  @DisplayName("Two sleeps in one body, and an effect between them that runs once")
  void twoSleepsInOneBody() {
    AtomicInteger effects = new AtomicInteger();
    AtomicInteger entries = new AtomicInteger();
    Workflow<String, String> flow =
        body(
            "sleepy_body",
            (data, step) -> {
              entries.incrementAndGet();
              step.sleep("one", Duration.ofMillis(20));
              int made = step.run("made", Integer.class, effects::incrementAndGet);
              step.sleep("two", Duration.ofMillis(20));
              return data + made;
            });
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("x1");
      assertThat(effects).hasValue(1);
      assertThat(entries).hasValue(3);
    }
  }

  @Test
  @DisplayName("Branches of a parallel sleep side by side")
  void sleepsInParallel() {
    Workflow<String, String> both =
        Workflow.define("both_sleep", String.class)
            .parallel(
                "both",
                par -> {
                  var one =
                      par.path(
                          "one",
                          String.class,
                          path ->
                              path.sleep("nap", Duration.ofMillis(150)).step("a", s -> s + "a"));
                  var two =
                      par.path(
                          "two",
                          String.class,
                          path ->
                              path.sleepUntil("nap", s -> Instant.parse("2001-01-01T00:00:00Z"))
                                  .step("b", s -> s + "b"));
                  return par.join((in, results) -> results.get(one) + results.get(two));
                })
            .build();
    try (Durable durable = db.start(both)) {
      assertThat(durable.start(both, "x").result(SOON)).isEqualTo("xaxb");
    }
  }
}
