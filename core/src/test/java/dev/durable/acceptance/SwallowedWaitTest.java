package dev.durable.acceptance;

import static dev.durable.acceptance.BodyEntries.TICK;
import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.ForkedBranch;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("newest")
@Proves("B-53")
@ExtendWith(DatabaseExtension.class)
@DisplayName("An effect that waits and catches everything has no result before it has waited")
class SwallowedWaitTest {

  private static final AtomicInteger FAILURES = new AtomicInteger();

  private static final Workflow<String, String> KID =
      Workflow.of(
          "kid",
          String.class,
          String.class,
          (in, step) -> {
            step.sleep("nap", ofMillis(50));
            return "got";
          });

  private final TestDatabase db;

  SwallowedWaitTest(TestDatabase db) {
    this.db = db;
  }

  /** What the effect's code asks its body for. */
  enum Call {
    AWAIT {
      @Override
      String on(StepContext<?> step) throws Exception {
        step.await(TICK);
        return "got";
      }
    },
    SLEEP {
      @Override
      String on(StepContext<?> step) throws Exception {
        step.sleep("nap", ofMillis(50));
        return "got";
      }
    },
    CHILD {
      @Override
      String on(StepContext<?> step) throws Exception {
        return step.call("kid", KID, "x");
      }
    },
    RETRY {
      @Override
      String on(StepContext<?> step) throws Exception {
        return step.run(
            "inner",
            String.class,
            () -> {
              if (FAILURES.incrementAndGet() == 1) {
                throw new IOException("once");
              }
              return "got";
            },
            with -> with.retry(RetryPolicy.constant(ofMillis(50)).maxAttempts(3)));
      }
    };

    abstract String on(StepContext<?> step) throws Exception;
  }

  /** How the code keeps it from being seen. */
  enum Way {
    CATCH {
      @Override
      String of(Call call, StepContext<?> step) {
        try {
          return call.on(step);
        } catch (Throwable swallowed) {
          return "swallowed";
        }
      }
    },
    FINALLY {
      @Override
      @SuppressWarnings({"finally", "Finally"})
      String of(Call call, StepContext<?> step) {
        String result = "swallowed";
        try {
          result = call.on(step);
        } catch (Exception failed) {
          result = "failed";
        } finally {
          return result;
        }
      }
    };

    abstract String of(Call call, StepContext<?> step) throws Exception;
  }

  /** Where the effect is. */
  enum Place {
    BODY {
      @Override
      String run(StepContext<String> step, Way way, Call call) throws Exception {
        return step.run("outer", String.class, () -> way.of(call, step));
      }
    },
    EFFECT {
      @Override
      String run(StepContext<String> step, Way way, Call call) throws Exception {
        return step.run("around", String.class, () -> BODY.run(step, way, call));
      }
    },
    BRANCH {
      @Override
      String run(StepContext<String> step, Way way, Call call) throws Exception {
        ForkedBranches<String> fork = step.parallel("fork");
        ForkedBranch<String> branch =
            fork.branch("one", String.class, one -> BODY.run(one, way, call));
        fork.join();
        return branch.get();
      }
    },
    ITEM {
      @Override
      String run(StepContext<String> step, Way way, Call call) throws Exception {
        return step.forEach(
                "items", String.class, List.of("a"), (item, each) -> BODY.run(each, way, call))
            .completed()
            .getFirst();
      }
    };

    abstract String run(StepContext<String> step, Way way, Call call) throws Exception;
  }

  static Stream<Arguments> all() {
    return Arrays.stream(Place.values())
        .flatMap(
            place ->
                Arrays.stream(Call.values())
                    .flatMap(
                        call ->
                            Arrays.stream(Way.values())
                                .map(way -> Arguments.of(place, call, way))));
  }

  @ParameterizedTest
  @MethodSource("all")
  void isCalledAgain(Place place, Call call, Way way) {
    FAILURES.set(0);
    Workflow<String, String> flow =
        Workflow.of(
            "swallows", String.class, String.class, (in, step) -> place.run(step, way, call));
    check(flow, call);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("in a step of a tree as well")
  void inATree(Call call) {
    FAILURES.set(0);
    check(
        Workflow.define("swallows", String.class)
            .step("node", String.class, (in, step) -> Place.BODY.run(step, Way.CATCH, call))
            .build(),
        call);
  }

  private void check(Workflow<String, String> flow, Call call) {
    try (Durable durable = db.start(flow, KID)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      if (call == Call.AWAIT) {
        Gate.until(() -> BodyEntries.isAtRest(db, handle.id()));
        assertThat(results(durable, handle)).isEmpty();
        durable.send(handle.id(), TICK, "t");
      }
      assertThat(handle.result(SOON)).isEqualTo("got");
      assertThat(results(durable, handle)).isNotEmpty().containsOnly("\"got\"");
    }
  }

  private static List<String> results(Durable durable, ExecutionHandle<String> handle) {
    return durable.steps(handle.id()).stream()
        .filter(step -> step.path().endsWith("outer") && step.output() != null)
        .map(StepExecution::output)
        .toList();
  }
}
