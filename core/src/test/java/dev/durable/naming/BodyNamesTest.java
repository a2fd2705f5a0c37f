package dev.durable.naming;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves({"F5.1", "F5.3"})
@DisplayName("Names in a body have any form, and are no names of nodes")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class BodyNamesTest {

  private final TestDatabase db;
  private final List<String> did = new CopyOnWriteArrayList<>();

  BodyNamesTest(TestDatabase db) {
    this.db = db;
  }

  @ParameterizedTest
  @Proves("F5.1")
  @DisplayName("The handler of an effect runs, whatever the effect's name")
  @ValueSource(
      strings = {"room/1", "room[1]", "room~1", "room%2F1", "a/", "/a", "~undo", "[*]", "r\n1"})
  void effectIsUndone(String effect) {
    Workflow<String, String> trip =
        Workflow.define("trip", String.class)
            .step(
                "book",
                (String data, StepContext<String> step) -> {
                  String room =
                      step.run(
                          effect,
                          String.class,
                          () -> "booked",
                          with -> with.compensate("undo", done -> did.add(done)));
                  step.sleep("rest", Duration.ofMillis(1));
                  return room;
                })
            .step(
                "fail",
                (String data) -> {
                  throw new IllegalStateException("full");
                })
            .build();
    try (Durable durable = db.start(trip)) {
      UUID id = durable.start(trip, "x").id();
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(did).containsExactly("booked");
    }
  }

  @ParameterizedTest
  @Proves("F5.1")
  @DisplayName("A caught failure of a child is not queried again after a retry")
  @ValueSource(strings = {"billing", "billing/charge", "billing[0]", "billing/reminder[1]"})
  void caughtFailure(String name) throws Exception {
    AtomicInteger charges = new AtomicInteger();
    AtomicBoolean fails = new AtomicBoolean(true);
    Workflow<String, String> child =
        Workflow.define("billing", String.class)
            .step(
                "charge",
                (String data) -> {
                  charges.incrementAndGet();
                  throw new IllegalStateException("no money");
                })
            .build();
    Workflow<String, String> order =
        Workflow.define("order", String.class)
            .step(
                "pay",
                (String data, StepContext<String> step) -> {
                  try {
                    step.call(name, child, data, with -> {});
                  } catch (ChildFailedException caught) {
                    step.run("invoice", String.class, () -> "sent");
                  }
                  if (fails.get()) {
                    throw new IllegalStateException("later");
                  }
                  return data;
                })
            .build();
    try (Durable durable = db.start(child, order)) {
      ExecutionHandle<String> handle = durable.start(order, "x");
      untilStatus(durable, handle.id(), ExecutionStatus.FAILED);
      fails.set(false);
      durable.retry(handle.id());
      assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
      assertThat(charges).hasValue(1);
    }
  }

  @Test
  @Proves("F5.3")
  @DisplayName("An effect 'charge' of step 'pay' is not the result of a step 'pay/charge'")
  void effectIsNoStep() {
    Workflow<String, String> order =
        Workflow.define("order", String.class)
            .step(
                "pay",
                (String data, StepContext<String> step) -> {
                  step.run("charge", String.class, () -> "charged");
                  return data;
                })
            .step(
                "look",
                (String data, StepContext<String> step) ->
                    step.result(StepRef.of("pay/charge", String.class)))
            .build();
    try (Durable durable = db.start(order)) {
      UUID id = durable.start(order, "x").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      ErrorInfo error = durable.find(id).orElseThrow().error();
      assertThat(error.message()).contains("'pay/charge'").contains("has no committed result");
    }
  }

  @ParameterizedTest
  @Proves("F5.2")
  @DisplayName("A question's name is refused where it is given if no index can hold it")
  @ValueSource(ints = {100, 400, 420, 600, 1_000})
  void longQuestion(int length) {
    Random random = new Random(length);
    String name =
        random
            .ints(length, 0x4e00, 0x9fa5)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    Workflow<String, String> asks =
        Workflow.define("asks", String.class)
            .step(
                "ask",
                (String data, StepContext<String> step) -> step.ask(name, Question.text("?")))
            .build();
    try (Durable durable = db.start(asks)) {
      UUID id = durable.start(asks, "x").id();
      if (length <= 400) {
        untilStatus(durable, id, ExecutionStatus.WAITING);
      } else {
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(durable.find(id).orElseThrow().error().message())
            .contains("name that is too long");
      }
    }
  }

  @ParameterizedTest
  @Proves("F5.2")
  @DisplayName("A name that cannot be kept is refused where it is given")
  @ValueSource(strings = {"", " ", "\t", "a\0b", "cut \ud83d", "LONG"})
  void refused(String given) {
    String name = given.equals("LONG") ? "n".repeat(1_001) : given;
    Workflow<String, String> order =
        Workflow.define("order", String.class)
            .step(
                "pay",
                (String data, StepContext<String> step) ->
                    step.run(
                        name,
                        String.class,
                        () -> {
                          did.add("ran");
                          return data;
                        }))
            .build();
    try (Durable durable = db.start(order)) {
      ExecutionHandle<String> handle = durable.start(order, "x");
      assertThatThrownBy(() -> handle.result(EVENTUALLY)).hasMessageContaining("IllegalArgument");
      assertThat(did).isEmpty();
      assertThat(db.violations()).isEmpty();
    }
  }
}
