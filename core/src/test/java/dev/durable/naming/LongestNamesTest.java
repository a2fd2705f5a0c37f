package dev.durable.naming;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An entry of an index of PostgreSQL holds 2,704 bytes, and a character may take three of them. The
 * texts here cannot be compressed.
 */
@Proves("F5.2")
@DisplayName("The longest names can be kept wherever they can be given")
@Tag("newest")
class LongestNamesTest {

  private static final int NODE = 200;
  private static final int TEXT = 500;
  private static final int CALL = 1_000;

  /** Where a text is given. Each is as long as it may be. */
  enum Place {
    WORKFLOW_QUEUE_KEY_AND_TAGS {
      @Override
      void use(TestDatabase db) {
        String queue = text(TEXT);
        Workflow<String, String> workflow =
            Workflow.define(text(NODE), String.class, with -> with.queue(text(NODE)))
                .step(text(NODE), data -> data)
                .build();
        try (Durable durable =
            Durable.on(db.dataSource())
                .register(workflow)
                .worker(w -> w.name(text(TEXT)).queue(queue, q -> {}))
                .startWorker()) {
          String key = text(TEXT);
          String tag = text(TEXT);
          ExecutionHandle<String> handle =
              durable.start(
                  workflow, "x", o -> o.key(key).queue(queue).tag(tag, tag).delay(Duration.ZERO));
          assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
          assertThat(durable.find(workflow.name(), key)).isPresent();
          assertThat(durable.executions(q -> q.tag(tag, tag)).items()).hasSize(1);
        }
      }
    },

    EFFECTS {
      @Override
      void use(TestDatabase db) {
        String name = text(CALL);
        completes(db, step -> step.run(name, String.class, () -> "x"));
      }
    },

    SLEEPS {
      @Override
      void use(TestDatabase db) {
        String name = text(CALL);
        completes(
            db,
            step -> {
              step.sleep(name, Duration.ofMillis(1));
              return "x";
            });
      }
    },

    CHILDREN {
      @Override
      void use(TestDatabase db) {
        String name = text(CALL);
        Workflow<String, String> child =
            Workflow.define(text(NODE), String.class).step("s", data -> data).build();
        Workflow<String, String> workflow = nested(step -> step.call(name, child, "x", with -> {}));
        try (Durable durable = db.start(child, workflow)) {
          assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
        }
      }
    },

    WAITS_AND_EVENTS {
      @Override
      void use(TestDatabase db) {
        Event<String> event = Event.of(text(TEXT), String.class);
        String name = text(CALL);
        Workflow<String, String> workflow =
            nested(step -> step.await(name, event, Duration.ofDays(365)).orElse("cancelled"));
        try (Durable durable = db.start(workflow)) {
          ExecutionHandle<String> handle = durable.start(workflow, "x");
          untilItAwaitsAnEvent(durable, handle.id());
          // What a name and its key take together.
          String key = text(2_500 / 3 - TEXT);
          assertThat(durable.send(handle.id(), event, "x", m -> m.idempotencyKey(key)))
              .isIn(Delivery.DELIVERED, Delivery.BUFFERED);
          assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
          ExecutionHandle<String> other = durable.start(workflow, "x");
          untilItAwaitsAnEvent(durable, other.id());
          durable.cancelWait(other.id(), durable.waits(other.id()).getFirst().path());
          assertThat(other.result(EVENTUALLY)).isEqualTo("cancelled");
        }
      }
    },

    IDEMPOTENCY_KEYS {
      @Override
      void use(TestDatabase db) {
        String key = text(TEXT);
        Event<String> event = Event.of(text(2_500 / 3 - TEXT), String.class);
        Workflow<String, String> workflow = nested(step -> step.await(event));
        try (Durable durable = db.start(workflow)) {
          ExecutionHandle<String> handle = durable.start(workflow, "x");
          durable.send(handle.id(), event, "x", m -> m.idempotencyKey(key));
          assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
        }
      }
    },

    QUESTIONS {
      @Override
      void use(TestDatabase db) {
        String name = text(410);
        Workflow<String, String> workflow =
            Workflow.define("asks", String.class)
                .step(
                    "s",
                    (String data, StepContext<String> step) ->
                        step.ask(name, Question.text(text(10_000))))
                .build();
        answered(db, workflow);
      }
    },

    ASSIGNEES {
      @Override
      void use(TestDatabase db) {
        String first = text(TEXT);
        String second = text(TEXT);
        Workflow<String, String> workflow =
            Workflow.define("asks", String.class)
                .step(
                    "s",
                    (String data, StepContext<String> step) ->
                        step.ask(
                            "q",
                            Question.text("Who?")
                                .assignee(first)
                                .escalateAfter(Duration.ofMillis(1), second)))
                .build();
        answered(db, workflow);
      }
    },

    COMPENSATIONS {
      @Override
      void use(TestDatabase db) {
        String effect = text(CALL);
        Workflow<String, String> workflow =
            Workflow.define("undone", String.class)
                .step(
                    text(NODE),
                    (String data, StepContext<String> step) ->
                        step.run(
                            effect,
                            String.class,
                            () -> "x",
                            with -> with.compensate(text(NODE), x -> {})))
                .step(
                    "fails",
                    (String data) -> {
                      throw new IllegalStateException("full");
                    })
                .build();
        try (Durable durable = db.start(workflow)) {
          UUID id = durable.start(workflow, "x").id();
          untilStatus(durable, id, ExecutionStatus.COMPENSATED);
        }
      }
    };

    abstract void use(TestDatabase db);
  }

  private interface Body {
    String run(StepContext<String> step) throws Exception;
  }

  /** A body below six nodes with the longest names. */
  private static Workflow<String, String> nested(Body body) {
    return Workflow.define("nested", String.class)
        .forEach(
            text(NODE),
            String.class,
            String.class,
            data -> List.of(data),
            each -> deeper(each, 5, body),
            (data, results) -> results.completed().getFirst())
        .build();
  }

  private static WorkflowBuilder<String, String> deeper(
      WorkflowBuilder<String, String> path, int levels, Body body) {
    return levels == 0
        ? path.step(text(NODE), (String data, StepContext<String> step) -> body.run(step))
        : path.repeatUntil(text(NODE), result -> true, round -> deeper(round, levels - 1, body));
  }

  private static void completes(TestDatabase db, Body body) {
    Workflow<String, String> workflow = nested(body);
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
    }
  }

  private static void answered(TestDatabase db, Workflow<String, String> workflow) {
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      untilItAsks(durable, handle.id());
      OpenQuestion question = durable.questions().list(q -> q.execution(handle.id())).getFirst();
      durable.questions().answer(handle.id(), question.path(), "x", text(10_000));
      assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
    }
  }

  /** Characters of three bytes each that look random. */
  private static String text(int length) {
    return new Random(length)
        .ints(length, 0x4e00, 0x9fa5)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  @ParameterizedTest
  @EnumSource
  void longestIsKept(Place place) {
    try (TestDatabase db = TestDatabase.migrated()) {
      place.use(db);
      assertThat(db.violations()).isEmpty();
    }
  }

  @Test
  @DisplayName("An event is refused if an index cannot hold its name and its idempotency key")
  void eventAndKeyTogether() {
    Event<String> event = Event.of(text(TEXT), String.class);
    try (TestDatabase db = TestDatabase.migrated();
        Durable client = Durable.on(db.dataSource()).build()) {
      assertThatThrownBy(
              () -> client.send(UUID.randomUUID(), event, "x", m -> m.idempotencyKey(text(TEXT))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("idempotency key")
          .hasMessageContaining("3000 bytes")
          .hasMessageContaining("2500");
    }
  }

  @Test
  @DisplayName("An assignee is refused where it is given if an index cannot hold it")
  void longAssignee() {
    for (String assignee : List.of(text(TEXT + 1), "a".repeat(TEXT + 1), " ", "a\0", "\ud83d")) {
      assertThatThrownBy(() -> Question.text("Who?").assignee(assignee))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("An assignee must have 1 to 500 characters");
      assertThatThrownBy(() -> Question.text("Who?").assignee("jane", assignee))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("An assignee must have 1 to 500 characters");
      assertThatThrownBy(() -> Question.text("Who?").escalateAfter(Duration.ofDays(1), assignee))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("An assignee must have 1 to 500 characters");
    }
  }

  @Test
  @DisplayName("A question of a definition is refused in build() if an index cannot hold its path")
  void deepQuestion() {
    assertThat(asksBelow(1).name()).isEqualTo("asks");
    assertThatThrownBy(() -> asksBelow(2))
        .hasMessageContaining("question")
        .hasMessageContaining("bytes")
        .hasMessageContaining("2500");
  }

  private static Workflow<String, String> asksBelow(int levels) {
    return Workflow.define("asks", String.class)
        .repeatUntil(text(NODE), result -> true, round -> asking(round, levels - 1))
        .build();
  }

  private static WorkflowBuilder<String, String> asking(
      WorkflowBuilder<String, String> path, int levels) {
    return levels == 0
        ? path.ask(text(NODE), data -> Question.text("Why?"), (data, answer) -> answer)
        : path.repeatUntil(text(NODE), result -> true, round -> asking(round, levels - 1));
  }
}
