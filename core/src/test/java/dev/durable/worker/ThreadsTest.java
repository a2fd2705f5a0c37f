package dev.durable.worker;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Proves("F2.2")
@DisplayName("Each thread of the engine survives any Throwable of a JDBC call")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class ThreadsTest {

  private static final Workflow<String, String> GREET =
      Workflow.define("greet", String.class).step("hello", name -> "Hello " + name).build();

  private static final Map<String, Supplier<Throwable>> FAILURES =
      Map.of(
          "an unchecked exception", () -> new IllegalStateException("of a test"),
          "no memory", () -> new OutOfMemoryError("of a test"),
          "an Error", () -> new Error("of a test"));

  private static final List<String> CALLS =
      List.of("getConnection", "prepareStatement", "execute", "close");

  private final TestDatabase db;

  ThreadsTest(TestDatabase db) {
    this.db = db;
  }

  static Stream<Arguments> faults() {
    return FAILURES.keySet().stream()
        .flatMap(failure -> CALLS.stream().map(call -> Arguments.of(call, failure)));
  }

  @ParameterizedTest(name = "{0} throws {1}")
  @MethodSource("faults")
  @DisplayName("The claimer")
  void theClaimer(String call, String failure) {
    ThreadFaults faults = new ThreadFaults(db.dataSource());
    try (Durable worker = worker(faults).startWorker();
        Durable client = Durable.on(db.dataSource()).register(GREET).build()) {
      Supplier<Boolean> over = faults.hit("-claimer", call, 2, FAILURES.get(failure));
      Gate.until(
          () -> {
            assertThat(client.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
            return over.get();
          });
      assertThat(client.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
    }
  }

  @ParameterizedTest(name = "{0} throws {1}")
  @MethodSource("faults")
  @DisplayName("The heartbeat")
  void theHeartbeat(String call, String failure) {
    ThreadFaults faults = new ThreadFaults(db.dataSource());
    try (Durable worker = worker(faults).startWorker()) {
      // One failure lets it open its connection anew.
      Supplier<Boolean> first = faults.hit("-heartbeat", "prepareStatement", 1, () -> lost());
      Gate.until(first::get);
      Supplier<Boolean> over = faults.hit("-heartbeat", call, 1, FAILURES.get(failure));
      if (call.equals("close")) {
        faults.hit("-heartbeat", "prepareStatement", 1, () -> lost());
      } else {
        Gate.until(over::get);
      }
      long beats = beats();
      Gate.until(() -> beats() > beats + 2_000);
      assertThat(worker.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
    }
  }

  @ParameterizedTest(name = "{0} throws {1}")
  @MethodSource("faults")
  @DisplayName("The takeover")
  void theTakeover(String call, String failure) {
    ThreadFaults faults = new ThreadFaults(db.dataSource());
    Supplier<Boolean> over = faults.hit("-takeover", call, 2, FAILURES.get(failure));
    try (Durable worker = worker(faults).startWorker()) {
      for (int i = 0; i < 3; i++) {
        UUID left = ownedByADeadWorker();
        assertThat(worker.handle(left, GREET).result(SOON)).isEqualTo("Hello Ada");
      }
      assertThat(over.get()).as("it was hit").isTrue();
    }
  }

  @ParameterizedTest(name = "{0} throws {1}")
  @MethodSource("faults")
  @DisplayName("The thread that polls for results")
  void theResults(String call, String failure) {
    ThreadFaults faults = new ThreadFaults(db.dataSource());
    try (Durable worker = worker(new ThreadFaults(db.dataSource())).startWorker();
        Durable client = Durable.on(faults.dataSource()).register(GREET).build()) {
      Supplier<Boolean> over = faults.hit("-results", call, 2, FAILURES.get(failure));
      Gate.until(
          () -> {
            assertThat(client.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
            return over.get();
          });
      assertThat(client.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
    }
  }

  private static Throwable lost() {
    return new java.sql.SQLException("of a test", "08006");
  }

  private DurableBuilder worker(ThreadFaults faults) {
    return Durable.on(faults.dataSource())
        .register(GREET)
        .worker(
            w ->
                w.lease(Duration.ofSeconds(2))
                    .heartbeat(Duration.ofMillis(100))
                    .pollInterval(Duration.ofMillis(50)));
  }

  /**
   * When the newest heartbeat was, in milliseconds; 0 at a moment when the worker has lost its
   * lease and is not back yet.
   */
  private long beats() {
    return db.number(
        "select coalesce((extract(epoch from max(heartbeat_at)) * 1000)::bigint, 0)"
            + " from durable.workers where dead_at is null");
  }

  private UUID ownedByADeadWorker() {
    return db.addOwned(db.createLostWorker(), "greet", null, "\"Ada\"");
  }
}
