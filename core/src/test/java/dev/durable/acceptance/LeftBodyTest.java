package dev.durable.acceptance;

import static dev.durable.acceptance.BodyEntries.CHILD;
import static dev.durable.acceptance.BodyEntries.TICK;
import static dev.durable.acceptance.BodyEntries.isAtRest;
import static dev.durable.acceptance.BodyEntries.paths;
import static dev.durable.acceptance.BodyEntries.sideBySide;
import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.StepExecution;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F6.8")
@DisplayName("A body that was left for a wait")
@Tag("newest")
class LeftBodyTest {

  private final TestDatabase db;

  LeftBodyTest(TestDatabase db) {
    this.db = db;
  }

  private final AtomicInteger done = new AtomicInteger();

  /** What a body may do on its way out, and must not. */
  enum Way {
    FINALLY {
      @Override
      void run(StepContext<String> step, Act act) throws Exception {
        try {
          BodyEntries.got(step, TICK);
        } finally {
          act.on(step);
        }
      }
    },
    CATCH {
      @Override
      void run(StepContext<String> step, Act act) throws Exception {
        try {
          BodyEntries.got(step, TICK);
        } catch (Throwable swallowed) {
          // On it goes.
        }
        act.on(step);
      }
    },
    RESOURCE {
      @Override
      void run(StepContext<String> step, Act act) throws Exception {
        AutoCloseable resource = () -> act.on(step);
        try (resource) {
          BodyEntries.got(step, TICK);
        }
      }
    },
    THREAD {
      @Override
      void run(StepContext<String> step, Act act) throws Exception {
        try {
          sideBySide(List.of(() -> BodyEntries.got(step, TICK)));
        } finally {
          act.on(step);
        }
      }
    };

    abstract void run(StepContext<String> step, Act act) throws Exception;
  }

  /** Something that a body does. */
  interface Act {
    void on(StepContext<String> step) throws Exception;
  }

  private void does(Way way, Act act, int often) {
    Workflow<String, String> body =
        Workflow.of(
            "leaves",
            String.class,
            String.class,
            (data, step) -> {
              way.run(step, act);
              return "over";
            });
    try (Durable durable = db.start(body, CHILD)) {
      ExecutionHandle<String> handle = durable.start(body, "");
      Gate.until(() -> isAtRest(db, handle.id()));
      assertThat(done).as("before the event").hasValue(0);
      assertThat(paths(durable, handle.id())).containsExactly("body/tick");
      assertThat(durable.children(handle.id())).isEmpty();
      assertThat(durable.steps(handle.id()))
          .extracting(StepExecution::path)
          .containsExactly("body/tick");
      durable.send(handle.id(), TICK, "t");
      assertThat(handle.result(SOON)).isEqualTo("over");
      assertThat(done).as("in the end").hasValue(often);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.8")
  @DisplayName("It does no effect")
  void doesNoEffect(Way way) {
    does(way, step -> step.run("release", Integer.class, done::incrementAndGet), 1);
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.8")
  @DisplayName("It starts no child")
  void startsNoChild(Way way) {
    does(way, step -> step.start("release", CHILD, "", with -> {}), 0);
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.8")
  @DisplayName("It waits for nothing else")
  void waitsForNothing(Way way) {
    does(way, step -> step.sleep("rest", Duration.ofMillis(1)), 0);
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.8")
  @DisplayName("It asks no question")
  void asksNobody(Way way) {
    does(way, step -> step.ask("sure", Question.text("?"), Duration.ZERO).orElse(""), 0);
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.8")
  @DisplayName("It sees that it is cancelled")
  void isCancelled(Way way) {
    does(
        way,
        step -> {
          if (!step.isCancelled()) {
            done.incrementAndGet();
          }
        },
        1);
  }
}
