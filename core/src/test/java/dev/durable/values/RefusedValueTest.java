package dev.durable.values;

import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryAfterException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class RefusedValueTest {

  private static final RetryPolicy FOUR = RetryPolicy.constant(Duration.ZERO).maxAttempts(4);

  private final TestDatabase db;

  RefusedValueTest(TestDatabase db) {
    this.db = db;
  }

  /** A value that has itself. */
  static final class Loop {
    public Loop getLoop() {
      return this;
    }
  }

  /** Written well, but never read: nothing says which class it is. */
  interface WriteOnly {
    String getText();
  }

  /** What a codec writes that is not JSON. */
  record NotJson() {}

  /** A result that cannot be stored. */
  record Value(String name, Class<?> type, Supplier<Object> of) {
    @Override
    public String toString() {
      return name;
    }
  }

  private record WithNotJson(JsonCodec codec) implements JsonCodec {
    @Override
    public String encode(@Nullable Object value) {
      return value instanceof NotJson ? "{\"a\":1} 2" : codec.encode(value);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      return type.type() == NotJson.class ? (T) new NotJson() : codec.decode(json, type);
    }
  }

  static Stream<Value> values() {
    return Stream.of(
        new Value("a cycle", Loop.class, Loop::new),
        new Value("write-only", WriteOnly.class, () -> (WriteOnly) () -> "x"),
        new Value("too large", String.class, () -> "x".repeat(5_000)),
        new Value("a NUL", String.class, () -> "\u0000"),
        new Value("half a pair", String.class, () -> "\ud800"),
        new Value("null", String.class, () -> null),
        new Value("not JSON", NotJson.class, NotJson::new));
  }

  private static <T> void effect(
      StepContext<String> step, Class<T> type, Supplier<Object> value, AtomicInteger effects)
      throws Exception {
    step.run(
        "effect",
        type,
        () -> {
          effects.incrementAndGet();
          return type.cast(value.get());
        });
  }

  private int runs(Value value, boolean caught, AtomicInteger effects) {
    StepBody<String, String, String> body =
        (t, step) -> {
          try {
            effect(step, value.type, value.of, effects);
          } catch (RuntimeException failure) {
            throw caught ? new IOException("wrapped", new CompletionException(failure)) : failure;
          }
          return t;
        };
    Workflow<String, String> workflow =
        Workflow.define("refused", String.class)
            .step("one", body, with -> with.retry(FOUR))
            .build();
    try (Durable durable =
        Durable.on(db.dataSource())
            .codec(new WithNotJson(JsonCodec.jackson()))
            .payloadLimits(1_000, 2_000)
            .register(workflow)
            .startWorker()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      untilStatus(durable, handle.id(), ExecutionStatus.FAILED);
    }
    return effects.get();
  }

  @ParameterizedTest
  @MethodSource("values")
  @Proves("F7.5")
  @DisplayName("An effect whose result cannot be stored is not repeated")
  void effects(Value value) {
    assertThat(runs(value, false, new AtomicInteger())).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("values")
  @Proves("F7.5")
  @DisplayName("It is not repeated if the body wraps the refusal, either")
  void wrapped(Value value) {
    assertThat(runs(value, true, new AtomicInteger())).isEqualTo(1);
  }

  static Stream<Throwable> neverRetried() {
    NonRetryableException never = new NonRetryableException("never");
    return Stream.of(
        never,
        new IllegalStateException(never),
        new IOException("a", new UncheckedIOException(new IOException("b", never))),
        new CompletionException(new IllegalStateException(new SQLException("c", never))),
        new IllegalStateException(new JsonException("no", null)));
  }

  private Execution ended(Throwable failure, int attempts) {
    AtomicInteger bodies = new AtomicInteger();
    StepBody<String, String, String> body =
        (t, step) -> {
          bodies.incrementAndGet();
          throw (Exception) failure;
        };
    Workflow<String, String> workflow =
        Workflow.define("fails", String.class).step("one", body, with -> with.retry(FOUR)).build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      untilStatus(durable, handle.id(), ExecutionStatus.FAILED);
      assertThat(bodies).hasValue(attempts);
      return durable.find(handle.id()).orElseThrow();
    }
  }

  @ParameterizedTest
  @MethodSource("neverRetried")
  @Proves("F7.5")
  @DisplayName("An exception that forbids retries is found anywhere among the causes")
  void nonRetryable(Throwable failure) {
    ended(failure, 1);
  }

  @Test
  @Proves("F7.5")
  @DisplayName("An exception's own delay is found anywhere among the causes")
  void retryAfter() {
    RetryAfterException later = new RetryAfterException("later", Duration.ofHours(3));
    for (Throwable failure :
        new Throwable[] {later, new IOException(later), new IOException(new IOException(later))}) {
      assertThat(FOUR.allows(failure, 1)).isTrue();
      assertThat(FOUR.delay(failure, 1, 0)).isEqualTo(Duration.ofHours(3));
    }
  }

  @Test
  @Proves("F7.5")
  @DisplayName("Circular causes are no trap")
  void circle() {
    IOException one = new IOException("one");
    IOException two = new IOException("two", one);
    one.initCause(two);
    assertThat(FOUR.allows(one, 1)).isTrue();
    assertThat(FOUR.delay(one, 1, 0)).isEqualTo(Duration.ZERO);
  }

  static Stream<Supplier<Exception>> chains() {
    return Stream.of(
        () -> chain(3, "short"),
        () -> chain(5, "short"),
        () -> chain(300, "short"),
        () -> chain(12, "long ".repeat(500)),
        () -> chain(40, "x".repeat(5_000)));
  }

  private static Exception chain(int length, String words) {
    Exception failure = new IllegalArgumentException("THE ROOT");
    for (int i = 1; i < length; i++) {
      failure = new IllegalStateException("link " + i + " " + words, failure);
    }
    return failure;
  }

  @Test
  @Proves("F7.8")
  @DisplayName("The root cause is shown, whatever else is suppressed")
  void rootAmongSuppressed() {
    Exception failure = chain(20, "short");
    for (int i = 0; i < 30; i++) {
      failure.addSuppressed(new IOException("suppressed " + i));
    }
    assertThat(trace(failure)).contains("THE ROOT").contains("suppressed 29");
  }

  @ParameterizedTest
  @MethodSource("chains")
  @Proves("F7.8")
  @DisplayName("Frames are cut, never the root cause")
  void rootCause(Supplier<Exception> failure) {
    String trace = trace(failure.get());
    assertThat(trace)
        .startsWith("dev.durable.retry.NonRetryableException")
        .contains("caused by java.lang.IllegalArgumentException: THE ROOT")
        .contains("at dev.durable.values.RefusedValueTest")
        .hasSizeLessThan(4_100);
  }

  private String trace(Exception failure) {
    ErrorInfo error = ended(new NonRetryableException("outer", failure), 1).error();
    String trace = Optional.ofNullable(error).orElseThrow().stackTrace();
    return Optional.ofNullable(trace).orElseThrow();
  }

  @Test
  @Proves("F7.8")
  @DisplayName("Suppressed and next exceptions are shown, with their own root causes")
  void besides() {
    Map<String, Exception> shown = new LinkedHashMap<>();
    SQLException batch = new SQLException("batch failed");
    batch.setNextException(new SQLException("THE SECOND", "23505", new IOException("ITS CAUSE")));
    shown.put("next", new IllegalStateException("save", batch));
    IllegalStateException closing = new IllegalStateException("work");
    closing.addSuppressed(new IOException("THE SECOND", new IOException("ITS CAUSE")));
    shown.put("suppressed", new IOException("outer", closing));
    shown.forEach(
        (how, failure) ->
            assertThat(trace(failure))
                .contains(how + " ")
                .contains("THE SECOND")
                .contains("caused by java.io.IOException: ITS CAUSE"));
  }
}
