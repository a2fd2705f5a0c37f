package dev.durable.values;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.json.JsonCodec;
import dev.durable.json.TypeRef;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(DatabaseExtension.class)
@Proves("F7.1")
@DisplayName("Values have one form, with and without a rest")
class OneFormTest {

  private final TestDatabase db;
  private static final Map<String, Object> SEEN = new ConcurrentHashMap<>();

  OneFormTest(TestDatabase db) {
    this.db = db;
  }

  private static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  static Stream<Object> values() {
    return Stream.of(
        map("zebra", 1, "ant", 2, "b", 3),
        map("a", List.of(map("zz", 1, "é", 2, "z", 3, "\uD83D\uDE80", 4))),
        map("b", new BigDecimal("1E+3"), "a", -0.0, "c", 1.5E300, "d", 1e-7),
        new BigDecimal("1E+3"),
        new BigDecimal("1E+1001"),
        new BigDecimal("-0.0"),
        new BigDecimal("1.500"),
        new BigDecimal("1E-30"),
        BigInteger.TEN.pow(1_500),
        -0.0,
        1.7976931348623157E308,
        4.9E-324,
        List.of("\u0001\t\"\\/\u007f\u2028", "x\uFFFF"));
  }

  private static TypeRef<?> type(Object value) {
    return switch (value) {
      case Map<?, ?> map -> new TypeRef<Map<String, Object>>() {};
      case List<?> list -> new TypeRef<List<String>>() {};
      default -> TypeRef.of(value.getClass());
    };
  }

  @SuppressWarnings("unchecked")
  private static Workflow<Object, Object> workflow(Object value, boolean rests) {
    TypeRef<Object> type = (TypeRef<Object>) type(value);
    String name = rests ? "rests" : "at_once";
    var made = Workflow.define(name, Integer.class).step("made", type, n -> value);
    var perhaps = rests ? made.sleep("nap", Duration.ofMillis(1)) : made;
    return (Workflow<Object, Object>)
        (Workflow<?, ?>)
            perhaps
                .step(
                    "see",
                    v -> {
                      SEEN.put(name, v);
                      return v;
                    })
                .build();
  }

  @ParameterizedTest
  @MethodSource("values")
  @Proves("F7.1")
  @DisplayName("A step receives the value that would be read back after a crash")
  void same(Object value) {
    SEEN.clear();
    Workflow<Object, Object> atOnce = workflow(value, false);
    Workflow<Object, Object> rests = workflow(value, true);
    try (Durable durable = db.start(atOnce, rests)) {
      List<ExecutionHandle<Object>> handles =
          List.of(durable.start(atOnce, 1), durable.start(rests, 1));
      Object first = handles.getFirst().result(SOON);
      assertThat(String.valueOf(handles.getLast().result(SOON))).isEqualTo(String.valueOf(first));
    }
    // Equal would do, but what order and notation there are shows in the texts.
    assertThat(String.valueOf(SEEN.get("at_once"))).isEqualTo(String.valueOf(SEEN.get("rests")));
    assertThat(SEEN.get("at_once").getClass()).isEqualTo(SEEN.get("rests").getClass());
  }

  private static String random(Random random, int depth) {
    return switch (random.nextInt(depth > 4 ? 5 : 8)) {
      case 0 -> String.valueOf(random.nextLong());
      case 1 -> String.valueOf(random.nextGaussian() * Math.pow(10, random.nextInt(600) - 300));
      case 2 -> new BigDecimal(BigInteger.valueOf(random.nextInt()), random.nextInt(90) - 45) + "";
      case 3 ->
          List.of("true", "false", "null", "-0.0", "0E+5", "-0", "1E-9", "100E-1", "0.10", "1e5")
              .get(random.nextInt(10));
      case 4 -> name(random);
      case 5, 6 -> {
        List<String> fields = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
          fields.add(name(random) + " :\n" + random(random, depth + 1));
        }
        yield "{ " + String.join(" , ", fields) + "}";
      }
      default -> {
        List<String> elements = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          elements.add(random(random, depth + 1));
        }
        yield "[" + String.join(", ", elements) + " ]";
      }
    };
  }

  private static String name(Random random) {
    List<String> letters =
        List.of(
            "a", "b", "Z", "\\u00e9", "é", "\\\"", "\\n", "\uD83D\uDE80", "日", ",", "}", "]", ":");
    StringBuilder name = new StringBuilder("\"");
    for (int i = random.nextInt(4); i > 0; i--) {
      name.append(letters.get(random.nextInt(letters.size())));
    }
    return name.append('"').toString();
  }

  /** Whose values are JSON texts already. */
  private record Texts() implements JsonCodec {
    @Override
    public String encode(@Nullable Object value) {
      return String.valueOf(value);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      return (T) json;
    }
  }

  @Test
  @Proves("F7.1")
  @DisplayName("The codec's text is stored, logged and read character by character")
  void storedAsWritten() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, String> seen = new ConcurrentHashMap<>();
    Workflow<String, String> workflow =
        Workflow.define("as_written", String.class)
            .step("same", json -> json)
            .sleep("nap", Duration.ofMillis(1))
            .step(
                "see",
                (json, step) -> {
                  seen.put(step.execution().id().toString(), json);
                  return json;
                })
            .build();
    try (Durable durable =
        Durable.on(db.dataSource()).codec(new Texts()).register(workflow).startWorker()) {
      Map<String, ExecutionHandle<String>> handles = new LinkedHashMap<>();
      for (int i = 0; i < 100; i++) {
        String json = random(random, 0);
        handles.put(json, durable.start(workflow, json));
      }
      handles.forEach(
          (json, handle) -> {
            assertThat(handle.result(SOON)).as("seed %s", seed).isEqualTo(json);
            assertThat(seen.get(handle.id().toString())).as("seed %s", seed).isEqualTo(json);
            assertThat(
                    db.rows(
                        "select output::text from durable.step_executions where workflow_id = ?"
                            + " and path = 'same'",
                        handle.id()))
                .as("seed %s", seed)
                .containsExactly(json);
          });
    }
  }

  @Test
  @Proves("F7.1")
  @DisplayName("A value that could not be read back is refused when it is written")
  void refusedWhenWritten() {
    JsonCodec shortNumbers = JsonCodec.jackson(JsonMapper.builder().build());
    Workflow<Integer, BigDecimal> workflow =
        Workflow.define("long_number", Integer.class)
            .step("made", BigDecimal.class, n -> new BigDecimal(BigInteger.TEN.pow(1_500)))
            .build();
    try (Durable durable =
        Durable.on(db.dataSource()).codec(shortNumbers).register(workflow).startWorker()) {
      ExecutionHandle<BigDecimal> handle = durable.start(workflow, 1);
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> handle.result(SOON)))
          .hasMessageContaining("'made'")
          .hasMessageContaining("JsonException");
    }
  }

  @Test
  @DisplayName("docs/values.md: what Jackson writes without its contents comes back empty at once")
  void withoutContents() {
    Workflow<Integer, Boolean> bits =
        Workflow.define("bits", Integer.class)
            .step("set", BitSet.class, n -> BitSet.valueOf(new long[] {n}))
            .step("empty", Boolean.class, BitSet::isEmpty)
            .build();
    assertThat(db.run(bits, 5)).isTrue();
  }
}
