package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(DatabaseExtension.class)
@Proves({"F6.2", "F6.4", "F6.5"})
@DisplayName("Points in time named by bodies and callers")
class TimeTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;

  TimeTest(TestDatabase db) {
    this.db = db;
  }

  /** Where a body may sleep until a point in time. */
  enum Place {
    NODE {
      @Override
      Workflow<String, String> sleeping(@Nullable Instant until) {
        return Workflow.define("sleeper", String.class)
            .sleepUntil("nap", s -> until)
            .step("end", s -> s + "!")
            .build();
      }
    },
    BODY {
      @Override
      Workflow<String, String> sleeping(@Nullable Instant until) {
        return Workflow.of(
            "sleeper",
            String.class,
            String.class,
            (s, step) -> {
              step.sleepUntil("nap", until);
              return s + "!";
            });
      }
    },
    BRANCH {
      @Override
      Workflow<String, String> sleeping(@Nullable Instant until) {
        return Workflow.define("sleeper", String.class)
            .parallel(
                "both",
                par -> {
                  var one =
                      par.path(
                          "one",
                          String.class,
                          path -> path.sleepUntil("nap", s -> until).step("end", s -> s + "!"));
                  par.step("two", String.class, (String s, StepContext<String> step) -> s);
                  return par.join((in, results) -> results.get(one));
                })
            .build();
      }
    },
    ITEM {
      @Override
      Workflow<String, String> sleeping(@Nullable Instant until) {
        return Workflow.define("sleeper", String.class)
            .forEach(
                "each",
                String.class,
                s -> List.of(s + "1", s + "2"),
                each ->
                    each.sleepUntil("nap", s -> s.endsWith("1") ? Instant.EPOCH : until)
                        .step("up", s -> s + "!"),
                (s, results) -> results.completed().getLast())
            .build();
      }
    };

    abstract Workflow<String, String> sleeping(@Nullable Instant until);
  }

  private boolean rests(ExecutionHandle<?> handle) {
    return db.number(
            "select count(*) from durable.workflow_executions where id = ?::uuid"
                + " and status = 'waiting' and wake_at > now() + interval '30 minutes'",
            handle.id().toString())
        == 1;
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.2")
  @DisplayName("A sleep until then sleeps until then, wherever it stands")
  void sleepsUntilThen(Place place) {
    Workflow<String, String> sleeper = place.sleeping(Instant.now().plusSeconds(3_600));
    try (Durable durable = db.start(sleeper)) {
      ExecutionHandle<String> handle = durable.start(sleeper, "s");
      Gate.until(() -> rests(handle));
      db.letPass(Duration.ofHours(2));
      assertThat(handle.result(SOON)).startsWith("s").endsWith("!");
    }
  }

  static Stream<Instant> past() {
    return Stream.of(
        Instant.MIN,
        Instant.parse("-1000000-01-01T00:00:00Z"),
        Instant.parse("-4713-01-01T00:00:00Z"),
        Instant.parse("-0001-01-01T00:00:00Z"),
        Instant.parse("0000-01-01T00:00:00Z"),
        Instant.parse("0001-01-01T00:00:00Z"),
        Instant.EPOCH);
  }

  static Stream<Instant> future() {
    return Stream.of(
        Instant.parse("9999-12-31T23:59:59.999999999Z"),
        Instant.parse("+10000-01-01T00:00:00Z"),
        Instant.parse("+294276-12-31T23:59:59.999999Z"),
        Instant.parse("+294277-01-01T00:00:00Z"),
        Instant.MAX);
  }

  @ParameterizedTest
  @MethodSource("past")
  @Proves("F6.5")
  @DisplayName("The past is over at once, however long ago")
  void thePast(Instant past) {
    for (Place place : Place.values()) {
      Workflow<String, String> sleeper = place.sleeping(past);
      try (Durable durable = db.start(sleeper)) {
        assertThat(durable.start(sleeper, "s").result(SOON)).as("in a %s", place).endsWith("!");
        assertThat(durable.start(sleeper, "s", with -> with.at(past)).result(SOON)).endsWith("!");
        assertThat(durable.executions(query -> query.since(past)).items()).isNotEmpty();
        assertThat(durable.executions(query -> query.until(past)).items()).isEmpty();
      }
    }
  }

  @Test
  @DisplayName("docs/waiting.md: what is farther away than can be stored counts as the farthest")
  void theFarthestFuture() {
    Workflow<String, String> waiting = Place.values()[0].sleeping(Instant.MAX);
    try (Durable durable = db.start(waiting)) {
      UUID at = durable.start(waiting, "s", with -> with.at(Instant.MAX)).id();
      UUID delayed =
          durable.start(waiting, "s", with -> with.delay(Duration.ofDays(365 * 300))).id();
      assertThat(durable.find(at).orElseThrow().wakeAt())
          .isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
      assertThat(durable.find(delayed).orElseThrow().wakeAt())
          .isBetween(
              Instant.now().plus(Duration.ofDays(365 * 200 - 1)),
              Instant.now().plus(Duration.ofDays(365 * 200 + 1)));
    }
  }

  @ParameterizedTest
  @MethodSource("future")
  @Proves("F6.5")
  @DisplayName("The future is waited for, however far away")
  void theFuture(Instant future) {
    for (Place place : Place.values()) {
      Workflow<String, String> sleeper = place.sleeping(future);
      try (Durable durable = db.start(sleeper)) {
        ExecutionHandle<String> handle = durable.start(sleeper, "s");
        Gate.until(() -> rests(handle));
        ExecutionHandle<String> delayed = durable.start(sleeper, "s", with -> with.at(future));
        assertThat(durable.find(delayed.id()).orElseThrow().status())
            .isEqualTo(ExecutionStatus.PENDING);
        assertThat(durable.executions(query -> query.until(future)).items()).isNotEmpty();
        assertThat(durable.executions(query -> query.since(future)).items()).isEmpty();
        durable.cancel(handle.id());
        durable.cancel(delayed.id());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.4")
  @DisplayName("No time at all fails the step, and says where")
  void noTime(Place place) {
    Workflow<String, String> sleeper = place.sleeping(null);
    try (Durable durable = db.start(sleeper)) {
      assertThatThrownBy(() -> durable.start(sleeper, "s").result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("nap")
          .hasMessageContaining("time");
    }
  }

  @Test
  @Proves("F6.4")
  @DisplayName("No duration at all fails the step, and says where")
  void noDuration() {
    for (Workflow<String, String> sleeper :
        List.of(
            Workflow.of(
                "no_duration",
                String.class,
                String.class,
                (s, step) -> {
                  step.sleep("nap", (Duration) null);
                  return s;
                }),
            Workflow.define("no_duration", String.class).sleep("nap", s -> null).build())) {
      try (Durable durable = db.start(sleeper)) {
        assertThatThrownBy(() -> durable.start(sleeper, "s").result(SOON))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("nap")
            .hasMessageContaining("time");
      }
    }
  }

  @Test
  @Proves("F6.5")
  @DisplayName("Durations too long for any clock wait, and do not spin")
  void longDurations() {
    AtomicInteger entries = new AtomicInteger();
    Workflow<String, String> sleeper =
        Workflow.of(
            "long",
            String.class,
            String.class,
            (s, step) -> {
              entries.incrementAndGet();
              step.await(GO, Duration.ofSeconds(Long.MAX_VALUE));
              step.sleep("nap", Duration.ofSeconds(Long.MAX_VALUE));
              return s;
            });
    try (Durable durable = db.start(sleeper)) {
      ExecutionHandle<String> handle = durable.start(sleeper, "s");
      Gate.until(() -> rests(handle));
      durable.send(handle.id(), GO, "now");
      Gate.until(() -> rests(handle) && durable.waits(handle.id()).isEmpty());
      assertThat(entries).hasValue(2);
    }
  }
}
