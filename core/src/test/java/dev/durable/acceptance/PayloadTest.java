package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionParkedException;
import dev.durable.json.JsonException;
import dev.durable.json.PayloadTooLargeException;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(DatabaseExtension.class)
class PayloadTest {

  private final TestDatabase db;

  PayloadTest(TestDatabase db) {
    this.db = db;
  }

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class)
          .step("echo", text -> text)
          .step("again", t -> t)
          .build();

  @Test
  @Proves({"R-085", "R-087", "R-088", "R-100"})
  @DisplayName("Text comes back as it was")
  void textComesBackAsItWas() {
    try (Durable durable = db.start(ECHO)) {
      for (String text :
          List.of(
              "",
              "42",
              "null",
              "a\"b\\c/\b\f\n\r\t\u0001\u007f",
              "\\u0000",
              "日本語 ñ \uD83D\uDE80",
              "'; drop table x; --",
              "${schema}",
              "\uFFFF\uFEFF",
              "{\"a\":1}")) {
        assertThat(durable.start(ECHO, text).result(SOON)).isEqualTo(text);
      }
    }
  }

  @Test
  @Proves("R-083")
  @DisplayName("A value of several hundred kilobytes comes back as it was")
  void aLargeValueComesBackAsItWas() {
    String large = "äöü-".repeat(100_000);
    try (Durable durable = db.start(ECHO)) {
      assertThat(durable.start(ECHO, large).result(SOON)).isEqualTo(large);
    }
  }

  @Nested
  class TheHardLimit {

    @Test
    void refusesAnInput() {
      try (Durable durable =
          Durable.on(db.dataSource()).register(ECHO).payloadLimits(100, 1_000).startWorker()) {
        assertThatThrownBy(() -> durable.start(ECHO, "x".repeat(999)))
            .isInstanceOf(PayloadTooLargeException.class)
            .hasMessageContaining("input of workflow 'echo'")
            .hasMessageContaining("1001 bytes")
            .hasMessageContaining("limit is 1000")
            .hasMessageContaining("payloadLimits");
        assertThatThrownBy(() -> durable.start("echo", '"' + "é".repeat(500) + '"'))
            .isInstanceOf(PayloadTooLargeException.class)
            .hasMessageContaining("1002 bytes");
        assertThatThrownBy(() -> durable.start(ECHO, "x".repeat(50_000_000)))
            .isInstanceOf(PayloadTooLargeException.class)
            .hasMessageContaining("50000002 bytes");
        assertThat(durable.start(ECHO, "x".repeat(998)).result(SOON)).hasSize(998);
      }
    }

    @Test
    @DisplayName("A result of 50 MB fails its step at once, whatever the retries")
    void failsAStepWithoutRetry() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<Integer, String> grow =
          Workflow.define("grow", Integer.class)
              .step(
                  "grow",
                  String.class,
                  size -> {
                    calls.incrementAndGet();
                    return "x".repeat(size);
                  },
                  with -> with.retry(RetryPolicy.constant(Duration.ZERO).maxAttempts(5)))
              .build();
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(grow)
              .payloadLimits(1 << 20, 8 << 20)
              .startWorker()) {
        ExecutionHandle<String> handle = durable.start(grow, 50_000_000);
        assertThatThrownBy(() -> handle.result(SOON))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("PayloadTooLargeException")
            .hasMessageContaining("result of 'grow'")
            .hasMessageContaining("50000002 bytes");
        assertThat(calls).hasValue(1);
        assertThat(durable.start(grow, 10).result(SOON)).hasSize(10);
      }
    }
  }

  @Test
  @Tag("slow")
  @DisplayName(
      "A start's input and a step's result may have 50 MB by default; others continue meanwhile")
  void fiftyMegabytesHoldUpNobody() {
    Workflow<String, Integer> measure =
        Workflow.define("measure", String.class)
            .step("copy", text -> text)
            .step("measure", Integer.class, String::length)
            .build();
    try (Durable durable = db.start(measure)) {
      ExecutionHandle<Integer> huge = durable.start(measure, "x".repeat(50_000_000));
      List<ExecutionHandle<Integer>> others =
          durable.startAll(measure, List.of("a", "bc", "def"), (text, o) -> {});
      assertThat(others).extracting(other -> other.result(SOON)).containsExactly(1, 2, 3);
      assertThat(huge.result(SOON)).isEqualTo(50_000_000);
      assertThatThrownBy(() -> durable.start(measure, "x".repeat(70_000_000)))
          .isInstanceOf(PayloadTooLargeException.class);
      assertThat(durable.start(measure, "after").result(SOON)).isEqualTo(5);
    }
  }

  @Test
  void theSoftLimitOnlyWarns() {
    ch.qos.logback.classic.Logger logger =
        (ch.qos.logback.classic.Logger)
            LoggerFactory.getLogger("dev.durable.internal.codec.Payloads");
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    logger.setLevel(ch.qos.logback.classic.Level.WARN);
    logger.setAdditive(false);
    logger.addAppender(appender);
    try (Durable durable =
        Durable.on(db.dataSource()).register(ECHO).payloadLimits(100, 10_000).startWorker()) {
      assertThat(durable.start(ECHO, "secret".repeat(50)).result(SOON)).hasSize(300);
      assertThat(appender.list)
          .isNotEmpty()
          .allSatisfy(
              event ->
                  assertThat(event.getFormattedMessage())
                      .contains("302 bytes")
                      .doesNotContain("secret"));
    } finally {
      logger.detachAppender(appender);
      logger.setLevel(null);
      logger.setAdditive(true);
    }
  }

  @Nested
  @Proves({"R-147", "R-149", "B-61"})
  @DisplayName("Values that PostgreSQL cannot store")
  class WhatPostgresCannotStore {

    record Amount(BigDecimal value) {}

    private final Workflow<String, String> nul =
        Workflow.define("nul", String.class)
            .step(
                "make", kind -> kind.equals("nul") ? "a\0b" : kind.equals("half") ? "\uD83D" : kind)
            .step("next", text -> text)
            .build();

    @Test
    void aNulOrHalfACharacterFailsOnlyItsOwnExecution() {
      try (Durable durable = db.start(nul)) {
        List<ExecutionHandle<String>> handles =
            durable.startAll(nul, List.of("1", "nul", "2", "half", "3"), (text, o) -> {});
        assertThat(handles.get(0).result(SOON)).isEqualTo("1");
        assertThatThrownBy(() -> handles.get(1).result(SOON))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("'make'")
            .hasMessageContaining("NUL character");
        assertThat(handles.get(2).result(SOON)).isEqualTo("2");
        assertThatThrownBy(() -> handles.get(3).result(SOON)).hasMessageContaining("surrogate");
        assertThat(handles.get(4).result(SOON)).isEqualTo("3");
      }
    }

    @Test
    void anInputIsRefusedWithATypedException() {
      try (Durable durable = db.start(ECHO)) {
        assertThatThrownBy(() -> durable.start(ECHO, "a\0b"))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("NUL");
        assertThatThrownBy(() -> durable.start("echo", "\"\\\\\\u0000\""))
            .isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> durable.start(ECHO, "a\uDC00")).isInstanceOf(JsonException.class);
        assertThat(durable.start("echo", "\"\\\\u0000\"").result(SOON)).isEqualTo("\"\\\\u0000\"");
      }
    }

    @Test
    void aNumberBeyondJsonbIsKept() {
      Workflow<Integer, Amount> numbers =
          Workflow.define("numbers", Integer.class)
              .step("make", Amount.class, exponent -> new Amount(new BigDecimal("1e" + exponent)))
              .step("next", amount -> amount)
              .build();
      try (Durable durable = db.start(numbers)) {
        List<ExecutionHandle<Amount>> handles =
            durable.startAll(
                numbers,
                IntStream.range(0, 30).map(i -> i == 11 ? 900_000 : i).boxed().toList(),
                (number, o) -> {});
        for (int i = 0; i < 30; i++) {
          BigDecimal value = handles.get(i).result(SOON).value();
          assertThat(value).isEqualTo(new BigDecimal("1e" + (i == 11 ? 900_000 : i)));
        }
      }
    }

    @Test
    @Proves("R-082")
    @DisplayName("Deep nesting is kept up to the codec's limit, and refused beyond it")
    void deepNesting() {
      Workflow<Integer, Object> deep =
          Workflow.define("deep", Integer.class)
              .step(
                  "nest",
                  Object.class,
                  depth -> {
                    Object value = List.of();
                    for (int i = 1; i < depth; i++) {
                      value = List.of(value);
                    }
                    return value;
                  })
              .build();
      try (Durable durable = db.start(deep)) {
        assertThat(durable.start(deep, 300).result(SOON)).isInstanceOf(List.class);
        ExecutionHandle<Object> tooDeep = durable.start(deep, 100_000);
        assertThatThrownBy(() -> tooDeep.result(SOON))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("JsonException");
      }
    }
  }

  record Point(int x, int y) {}

  @Test
  @DisplayName("A stored value that cannot be read parks that one execution; a retry releases it")
  void anUnreadableValueParksOneExecution() {
    Workflow<Point, Integer> sum =
        Workflow.define("sum", Point.class).step("sum", Integer.class, p -> p.x() + p.y()).build();
    UUID bad;
    UUID good;
    try (Durable worker = db.start(sum)) {
      bad = worker.start(sum, new Point(1, 2), o -> o.delay(ofHours(1))).id();
      good = worker.start(sum, new Point(3, 4), o -> o.delay(ofHours(1))).id();
    }
    db.setInput(bad, "{\"x\":\"?\"}");
    db.makeDue(bad);
    db.makeDue(good);
    try (Durable durable = db.start(sum)) {
      assertThat(durable.handle(good, sum).result(SOON)).isEqualTo(7);
      ExecutionHandle<Integer> handle = durable.handle(bad, sum);
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionParkedException.class)
          .hasMessageContaining("step 'sum'")
          .hasMessageContaining("Point")
          .hasMessageContaining("retry(id)");
      assertThat(durable.find(bad).orElseThrow().error().type()).isEqualTo(ErrorInfo.UNREADABLE);
      db.setInput(bad, "{\"x\":5,\"y\":5}");
      durable.retry(bad);
      assertThat(handle.result(SOON)).isEqualTo(10);
    }
  }

  @Test
  @Proves("B-15")
  @DisplayName("A value that a step has overwritten stays so after a rest")
  void anOverwrittenValueStaysSo() {
    Workflow<Map<String, Integer>, Integer> overwriting =
        Workflow.define("overwriting", new TypeRef<Map<String, Integer>>() {})
            .step("change", map -> Map.of("amount", map.get("amount") + 1, "count", 1))
            .sleep("rest", Duration.ofMillis(1))
            .step("read", Integer.class, map -> map.get("amount"))
            .build();
    try (Durable durable = db.start(overwriting)) {
      ExecutionHandle<Integer> handle = durable.start(overwriting, Map.of("amount", 1));
      assertThat(handle.result(SOON)).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("A step's input has been through the codec, with and without a crash")
  @SuppressWarnings("ReferenceEquality") // Whether it is the same object is the question.
  void valuesAreReadBackFromJson() {
    AtomicReference<Object> given = new AtomicReference<>();
    Workflow<Point, Boolean> same =
        Workflow.define("same", Point.class)
            .step(
                "give",
                point -> {
                  given.set(point);
                  return point;
                })
            .step("take", Boolean.class, point -> point == given.get())
            .build();
    try (Durable durable = db.start(same)) {
      assertThat(durable.start(same, new Point(1, 2)).result(SOON)).isFalse();
    }
  }

  @Test
  @Proves({"R-099", "F7.7"})
  @DisplayName("A missing field is refused, and harms no other execution")
  void aMissingFieldFailsItsExecution() {
    record Named(String name) {}
    Workflow<Named, Integer> length =
        Workflow.define("length", Named.class)
            .step("length", Integer.class, named -> named.name().length())
            .build();
    try (Durable durable = db.start(length)) {
      assertThatThrownBy(() -> durable.start("length", "{}"))
          .isInstanceOf(JsonException.class)
          .hasMessageContaining("'name'")
          .hasMessageNotContaining("Feature");
      assertThat(durable.start(length, new Named("four")).result(SOON)).isEqualTo(4);
    }
  }
}
