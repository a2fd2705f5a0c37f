package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepType;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("The progress that a body saves")
class ProgressTest {

  private static final RetryPolicy TWICE = RetryPolicy.constant(ZERO).maxAttempts(2);
  private static final Event<String> GO = Event.of("go", String.class);
  private static final TypeRef<List<Part>> PARTS = new TypeRef<>() {};

  private final TestDatabase db;
  private final Notes ran = new Notes();
  private final Gate gate = new Gate();
  private final AtomicBoolean fails = new AtomicBoolean(true);

  /** A value of a user. */
  record Part(String name, int lines) {}

  ProgressTest(TestDatabase db) {
    this.db = db;
  }

  private static Workflow<String, String> flow(String name, StepBody<String, String, String> body) {
    return Workflow.define(name, String.class)
        .step("copy", body, with -> with.retry(TWICE))
        .build();
  }

  private static List<StepExecution> progress(Durable durable, ExecutionHandle<?> handle) {
    return durable.steps(handle.id()).stream()
        .filter(row -> row.type() == StepType.PROGRESS)
        .toList();
  }

  @Test
  @DisplayName("is read by the next attempt, and is one row that the history shows")
  void nextAttempt() {
    Workflow<String, String> flow =
        flow(
            "next_attempt",
            (text, step) -> {
              List<Part> done = step.progress(PARTS).orElse(List.of());
              ran.add("from " + done);
              step.progress(List.of(new Part("a", 1)));
              step.progress(List.of(new Part("a", 1), new Part("b", 2)));
              if (fails.getAndSet(false)) {
                throw new IllegalStateException("broken");
              }
              return step.progress(PARTS).orElseThrow().getLast().name();
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("b");
      assertThat(ran)
          .containsExactly("from []", "from [Part[name=a, lines=1], Part[name=b, lines=2]]");
      assertThat(history(durable, handle.id()))
          .containsExactly(
              "progress copy/~progress completed", "step copy failed", "step copy completed");
      StepExecution row = progress(durable, handle).getFirst();
      assertThat(row.attempt()).isEqualTo(4);
      assertThat(row.output()).contains("\"name\":\"b\"");
      assertThat(row.completedAt()).isAfterOrEqualTo(row.startedAt());
      assertThat(db.violations()).isEmpty();
    }
  }

  @Test
  @DisplayName("is read after a wait, on another worker, and after an operator's retry")
  void afterWaits() {
    Workflow<String, String> flow =
        Workflow.define("after_waits", String.class)
            .step(
                "copy",
                (text, step) -> {
                  ran.add("from " + step.progress(Integer.class).orElse(0));
                  step.progress(step.progress(Integer.class).orElse(0) + 1);
                  step.await(GO);
                  if (fails.getAndSet(false)) {
                    throw new IllegalStateException("broken");
                  }
                  return text + step.progress(Integer.class).orElseThrow();
                })
            .build();
    ExecutionHandle<String> handle;
    try (Durable first = db.start(flow)) {
      handle = first.start(flow, "x");
      untilItAwaitsAnEvent(first, handle.id());
    }
    try (Durable second = db.start(flow)) {
      second.send(handle.id(), GO, "go");
      untilStatus(second, handle.id(), ExecutionStatus.FAILED);
      second.retry(handle.id());
      untilEnded(second, handle.id());
      assertThat(second.find(handle.id()).orElseThrow().output()).isEqualTo("\"x3\"");
      assertThat(ran).containsExactly("from 0", "from 1", "from 2");
      assertThat(progress(second, handle)).hasSize(1);
      assertThat(db.violations()).isEmpty();
    }
  }

  @Test
  @DisplayName("is each body's own: of items, of rounds, of a one-body workflow")
  void eachBodysOwn() {
    Workflow<String, String> flow =
        Workflow.define("own", String.class)
            .repeatUntil(
                "rounds",
                text -> text.length() == 3,
                round ->
                    round.step(
                        "copy",
                        (text, step) -> {
                          ran.add(text + " from " + step.progress(String.class).orElse("nothing"));
                          step.progress(text);
                          return text + "x";
                        }))
            .build();
    Workflow<String, String> body =
        Workflow.of(
            "own_body",
            String.class,
            String.class,
            (text, step) -> {
              step.progress(text + "!");
              return step.progress(String.class).orElseThrow();
            });
    try (Durable durable = db.start(flow, body)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("xxx");
      assertThat(ran).containsExactly("x from nothing", "xx from nothing");
      assertThat(durable.start(body, "b").result(SOON)).isEqualTo("b!");
    }
  }

  @Test
  @DisplayName("is one value at a time, also of several threads")
  void severalThreads() {
    Workflow<String, String> flow =
        flow(
            "several_threads",
            (text, step) -> {
              CompletableFuture<?>[] all = new CompletableFuture<?>[20];
              for (int i = 0; i < all.length; i++) {
                int value = i;
                all[i] = CompletableFuture.runAsync(() -> step.progress(value));
              }
              CompletableFuture.allOf(all).join();
              return "" + step.progress(Integer.class).orElseThrow();
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      String last = handle.result(SOON);
      assertThat(progress(durable, handle))
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.output()).isEqualTo(last);
                assertThat(row.attempt()).isEqualTo(20);
              });
    }
  }

  @Test
  @DisplayName("parks the execution if it cannot be read, whatever the body catches")
  void unreadable() {
    Workflow<String, String> flow =
        flow(
            "unreadable_progress",
            (text, step) -> {
              step.progress("ten");
              try {
                return "" + step.progress(Integer.class).orElse(0);
              } catch (RuntimeException swallowed) {
                return "swallowed";
              }
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.PARKED);
      ErrorInfo why = durable.find(handle.id()).orElseThrow().error();
      assertThat(why.type()).isEqualTo(ErrorInfo.UNREADABLE);
      assertThat(why.message()).startsWith("The progress of 'copy' cannot be read");
    }
  }

  @Test
  @DisplayName("is refused where it might outlive its attempt, and as null")
  void refused() {
    Workflow<String, String> flow =
        Workflow.define("refused_progress", String.class)
            .step(
                "copy",
                (text, step) -> {
                  ran.add(message(() -> step.progress((Object) null)));
                  ran.add(message(() -> step.progress((Class<String>) null)));
                  ran.add(message(() -> step.progress("a\u0000b")));
                  step.run(
                      "limited",
                      () -> {
                        ran.add(message(() -> step.progress("x")));
                        ran.add(message(() -> step.progress(String.class)));
                      },
                      with -> with.timeout(SOON));
                  step.run("free", () -> step.progress("y"));
                  return step.progress(String.class).orElseThrow();
                })
            .build();
    assertThat(db.run(flow, "x")).isEqualTo("y");
    assertThat(ran)
        .satisfiesExactly(
            one -> assertThat(one).isEqualTo("value"),
            two -> assertThat(two).isEqualTo("type"),
            three -> assertThat(three).contains("The progress of 'copy' has a NUL character"),
            four -> assertThat(four).contains("'copy/limited' asks for its progress"),
            five -> assertThat(five).contains("'copy/limited' asks for its progress"));
  }

  private static String message(Runnable call) {
    try {
      call.run();
      return "nothing was thrown";
    } catch (RuntimeException thrown) {
      return String.valueOf(thrown.getMessage());
    }
  }

  @Test
  @DisplayName("of a worker that has lost the execution is not saved, and its body is stopped")
  void fenced() {
    AtomicReference<String> stopped = new AtomicReference<>();
    Workflow<String, String> flow =
        flow(
            "fenced_progress",
            (text, step) -> {
              int done = step.progress(Integer.class).orElse(0);
              if (done > 0) {
                return "from " + done;
              }
              step.progress(1);
              gate.passUninterrupted();
              try {
                step.progress(99);
              } catch (Throwable error) {
                stopped.set(error.getClass().getSimpleName());
                throw error;
              }
              return "not stopped";
            });
    try (HikariDataSource pool = db.newPool(5);
        Durable client = Durable.on(db.dataSource()).register(flow).build();
        Durable doomed =
            Durable.on(pool)
                .register(flow)
                .worker(
                    w ->
                        w.name("fenced_progress")
                            .heartbeat(Duration.ofSeconds(3))
                            .drainTime(ofMillis(1)))
                .startWorker()) {
      ExecutionHandle<String> handle = client.start(flow, "x");
      gate.awaitReached();
      db.expireLease("fenced_progress");
      try (Durable other = db.start(flow)) {
        assertThat(handle.result(SOON)).isEqualTo("from 1");
        gate.open();
        Gate.until(() -> stopped.get() != null);
        assertThat(stopped).hasValue("StoppedError");
        assertThat(progress(other, handle)).extracting(StepExecution::output).containsExactly("1");
      }
    }
  }
}
