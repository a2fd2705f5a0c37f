package dev.durable.growth;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.WaitCancelledException;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * With N of something, some rows are read for each of them, not all: no more than a multiple of N
 * that is far from N². Nothing is vacuumed or analyzed meanwhile but by the test.
 */
@Proves({"F12.1", "F12.2"})
@DisplayName("A growing execution costs N rows read, not N²")
@Tag("newest")
class GrowthTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int N = 80;

  /** Rows for each of N; a history of less than 32 rows is read again and again. */
  private static final long FEW = 38;

  /** What grows. Each way does something {@code n} times with one execution. */
  enum Kind {
    EVENTS_TO_A_BUSY_EXECUTION {
      @Override
      void happens(HikariDataSource pool, int n) {
        Gate busy = new Gate();
        Workflow<Integer, Integer> workflow =
            body(
                "busy",
                (count, step) -> {
                  step.run("work", String.class, () -> pass(busy));
                  return awaitAll(count, step);
                });
        try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
          ExecutionHandle<Integer> handle = durable.start(workflow, n);
          busy.awaitReached();
          IntStream.range(0, n).forEach(i -> durable.send(handle.id(), event(i), "go"));
          busy.open();
          assertThat(handle.result(PATIENCE)).isEqualTo(n);
        }
      }
    },

    WAITS_OF_ONE_BODY {
      @Override
      void happens(HikariDataSource pool, int n) {
        Workflow<Integer, Integer> workflow = body("waits", GrowthTest::awaitAll);
        try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
          ExecutionHandle<Integer> handle = durable.start(workflow, n);
          oneByOne(durable, handle, n);
        }
      }
    },

    ITEMS_THAT_WAKE_ONE_BY_ONE {
      @Override
      void happens(HikariDataSource pool, int n) {
        Workflow<Integer, Integer> workflow = items();
        try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
          oneByOne(durable, durable.start(workflow, n), n);
        }
      }
    },

    ITEMS_THAT_SLEEP_ONE_BY_ONE {
      @Override
      void happens(HikariDataSource pool, int n) {
        Workflow<Integer, Integer> workflow =
            Workflow.define("sleepers", Integer.class)
                .forEach(
                    "each",
                    Integer.class,
                    Integer.class,
                    count -> IntStream.range(0, count).boxed().toList(),
                    each ->
                        each.step(
                            "sleep",
                            (i, step) -> {
                              step.sleep("nap", Duration.ofMillis(300 + 10L * i));
                              return i;
                            }),
                    (count, results) -> results.completed().size(),
                    with -> with.concurrency(n))
                .build();
        try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
          assertThat(durable.start(workflow, n).result(PATIENCE)).isEqualTo(n);
        }
      }
    },

    ATTEMPTS_AFTER_A_LONG_HISTORY {
      @Override
      void happens(HikariDataSource pool, int n) {
        Workflow<Integer, Integer> workflow =
            Workflow.define("attempts", Integer.class)
                .step(
                    "history",
                    (count, step) -> {
                      for (int i = 0; i < count; i++) {
                        int number = i;
                        step.run("effect-" + i, Integer.class, () -> number);
                      }
                      return count;
                    })
                .step(
                    "fails",
                    (count, step) -> {
                      if (step.attempt() < count) {
                        throw new IllegalStateException("not yet");
                      }
                      return count;
                    },
                    with ->
                        with.retry(RetryPolicy.constant(Duration.ofMillis(5)).maxAttempts(n + 1)))
                .build();
        try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
          assertThat(durable.start(workflow, n).result(PATIENCE)).isEqualTo(n);
        }
      }
    },

    CHILDREN_OF_ONE_PARENT {
      @Override
      void happens(HikariDataSource pool, int n) {
        Workflow<Integer, Integer> child =
            Workflow.define("child", Integer.class).step("twice", i -> i * 2).build();
        Workflow<Integer, Integer> workflow =
            Workflow.define("parent", Integer.class)
                .callEach(
                    "each",
                    Integer.class,
                    child,
                    count -> IntStream.range(0, count).boxed().toList(),
                    (count, results) -> results.completed().size(),
                    with -> with.concurrency(n))
                .build();
        try (Durable durable = Durable.on(pool).register(child, workflow).startWorker()) {
          assertThat(durable.start(workflow, n).result(PATIENCE)).isEqualTo(n);
        }
      }
    },

    WAITS_CANCELLED_ONE_BY_ONE {
      @Override
      void happens(HikariDataSource pool, int n) {
        Workflow<Integer, Integer> workflow = cancelled(new Semaphore(0));
        try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
          ExecutionHandle<Integer> handle = durable.start(workflow, n);
          for (int i = 0; i < n; i++) {
            rests(durable, handle.id());
            durable.cancelWait(handle.id(), waitOf(i));
          }
          assertThat(handle.result(PATIENCE)).isEqualTo(n);
        }
      }
    },

    EVENTS_FOR_OTHERS_AT_REST {
      @Override
      void happens(HikariDataSource pool, int n) {
        atRest(pool, n, GrowthTest::other, () -> {});
      }
    },

    EVENTS_FOR_ALL_AT_REST {
      @Override
      void happens(HikariDataSource pool, int n) {
        atRest(pool, n, GrowthTest::event, () -> {});
      }
    },

    WAITS_CANCELLED_AT_REST {
      @Override
      void happens(HikariDataSource pool, int n) {
        cancelledAtRest(pool, n, () -> {});
      }
    };

    abstract void happens(HikariDataSource pool, int n);
  }

  private static Workflow<Integer, Integer> items() {
    return items(new Semaphore(0));
  }

  /** Each item that has received its event gives a permit. */
  private static Workflow<Integer, Integer> items(Semaphore received) {
    return items("items", received, false);
  }

  /** Each item whose wait has been cancelled gives a permit. */
  private static Workflow<Integer, Integer> cancelled(Semaphore cancelled) {
    return items("cancelled", cancelled, true);
  }

  private static Workflow<Integer, Integer> items(String name, Semaphore ended, boolean cancelled) {
    return Workflow.define(name, Integer.class)
        .forEach(
            "each",
            Integer.class,
            Integer.class,
            count -> IntStream.range(0, count).boxed().toList(),
            each ->
                each.step(
                    "wait",
                    (i, step) -> {
                      assertThat(isCancelled(i, step)).isEqualTo(cancelled);
                      ended.release();
                      return i;
                    }),
            (count, results) -> results.completed().size(),
            with -> with.concurrency(1_000_000))
        .build();
  }

  private static boolean isCancelled(int i, StepContext<Integer> step) {
    try {
      step.await(event(i));
      return false;
    } catch (WaitCancelledException cancelled) {
      return true;
    }
  }

  /**
   * With {@code n} open waits, and events that no worker takes away.
   *
   * @param before what happens before there is a worker again
   */
  private static void atRest(
      HikariDataSource pool, int n, IntFunction<Event<String>> event, Runnable before) {
    Semaphore received = new Semaphore(0);
    Workflow<Integer, Integer> workflow = items(received);
    UUID id = resting(pool, workflow, n);
    try (Durable client = Durable.on(pool).build()) {
      IntStream.range(0, n).forEach(i -> client.send(id, event.apply(i), "go"));
    }
    before.run();
    try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
      if (event.apply(0).name().startsWith("go")) {
        assertThat(durable.handle(id, workflow).result(PATIENCE)).isEqualTo(n);
      } else {
        durable.send(id, event(0), "go");
        Gate.until(received::tryAcquire);
        rests(durable, id);
      }
    }
  }

  /** With {@code n} open waits, which are cancelled one by one while there is no worker. */
  private static void cancelledAtRest(HikariDataSource pool, int n, Runnable before) {
    Workflow<Integer, Integer> workflow = cancelled(new Semaphore(0));
    UUID id = resting(pool, workflow, n);
    try (Durable client = Durable.on(pool).build()) {
      IntStream.range(0, n).forEach(i -> client.cancelWait(id, waitOf(i)));
    }
    before.run();
    try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
      assertThat(durable.handle(id, workflow).result(PATIENCE)).isEqualTo(n);
    }
  }

  private static UUID resting(HikariDataSource pool, Workflow<Integer, Integer> workflow, int n) {
    try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
      UUID id = durable.start(workflow, n).id();
      rests(durable, id);
      return id;
    }
  }

  /** The path of an item's wait. */
  private static String waitOf(int i) {
    return "each[" + i + "]/wait/" + event(i).name();
  }

  private static Event<String> event(int i) {
    return Event.of("go-" + i, String.class);
  }

  private static Event<String> other(int i) {
    return Event.of("other-" + i, String.class);
  }

  private interface Body {
    int run(int count, StepContext<Integer> step) throws Exception;
  }

  private static Workflow<Integer, Integer> body(String name, Body body) {
    return Workflow.of(name, Integer.class, Integer.class, body::run);
  }

  private static int awaitAll(int count, StepContext<Integer> step) {
    for (int i = 0; i < count; i++) {
      step.await(event(i));
    }
    return count;
  }

  private static String pass(Gate gate) throws InterruptedException {
    gate.pass();
    return "passed";
  }

  /** Each event is sent when the one before has been received, and the execution rests again. */
  private static void oneByOne(Durable durable, ExecutionHandle<Integer> handle, int n) {
    for (int i = 0; i < n; i++) {
      rests(durable, handle.id());
      durable.send(handle.id(), event(i), "go");
    }
    assertThat(handle.result(PATIENCE)).isEqualTo(n);
  }

  private static void rests(Durable durable, UUID id) {
    Gate.until(
        () ->
            durable
                .find(id)
                .filter(e -> e.status() == ExecutionStatus.WAITING && e.wakeAt() == null)
                .isPresent());
  }

  /** The others are tested with all statistics, below. */
  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = EnumSource.Mode.MATCH_NONE, names = ".*_AT_REST")
  void costsNRows(Kind kind) {
    try (TestDatabase db = TestDatabase.migrated()) {
      Map<String, Long> rows = new RowsRead(db).during(pool -> kind.happens(pool, N));
      assertThat(total(rows)).as("%s", rows).isLessThan(FEW * N);
    }
  }

  /** What happens to an execution while it rests; then {@code before}, then there is a worker. */
  private interface AtRest {
    void happens(HikariDataSource pool, int n, Runnable before);
  }

  /** When the tables were analyzed for the last time. */
  enum Analyzed {
    NEVER,
    EMPTY,
    SMALL,
    LARGE
  }

  @ParameterizedTest
  @EnumSource(Analyzed.class)
  void costsNRowsWhateverTheStatisticsSay(Analyzed analyzed) {
    List<AtRest> kinds =
        List.of(
            (pool, n, before) -> atRest(pool, n, GrowthTest::event, before),
            (pool, n, before) -> atRest(pool, n, GrowthTest::other, before),
            GrowthTest::cancelledAtRest);
    for (AtRest kind : kinds) {
      try (TestDatabase db = TestDatabase.migrated()) {
        RowsRead rows = new RowsRead(db);
        if (analyzed == Analyzed.SMALL) {
          rows.during(pool -> kind.happens(pool, 3, rows::analyze));
        } else if (analyzed == Analyzed.EMPTY) {
          rows.analyze();
        }
        Runnable before = analyzed == Analyzed.LARGE ? rows::analyze : () -> {};
        Map<String, Long> read = rows.during(pool -> kind.happens(pool, N, before));
        assertThat(total(read)).as("%s", read).isLessThan(FEW * N);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "EVENTS_FOR_OTHERS_AT_REST, 5000",
    "EVENTS_FOR_ALL_AT_REST, 5000",
    "EVENTS_TO_A_BUSY_EXECUTION, 5000",
    "CHILDREN_OF_ONE_PARENT, 1000",
    "ITEMS_THAT_WAKE_ONE_BY_ONE, 1000",
    "WAITS_CANCELLED_ONE_BY_ONE, 1000",
    "WAITS_CANCELLED_AT_REST, 1000",
    "ATTEMPTS_AFTER_A_LONG_HISTORY, 1000"
  })
  @Tag("slow")
  void costsNRowsAtFullSize(Kind kind, int n) {
    try (TestDatabase db = TestDatabase.migrated()) {
      long begin = System.nanoTime();
      Map<String, Long> rows = new RowsRead(db).during(pool -> kind.happens(pool, n));
      System.out.printf(
          "%s %d: %d ms, %s%n", kind, n, (System.nanoTime() - begin) / 1_000_000, rows);
      assertThat(total(rows)).as("%s", rows).isLessThan(FEW * n);
    }
  }

  private static long total(Map<String, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
