package dev.durable.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.durable.testing.Proves;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest {

  private final JsonCodec codec = JsonCodec.jackson();

  enum Kind {
    SMALL,
    LARGE
  }

  record Everything(
      String text,
      int number,
      long big,
      double real,
      boolean flag,
      BigDecimal money,
      BigInteger huge,
      Kind kind,
      UUID id,
      Instant at,
      LocalDate day,
      Duration took,
      Optional<String> maybe,
      List<Map<String, List<Integer>>> nested) {}

  record Old(String name, int dropped) {}

  record Renewed(String name) {}

  @Test
  @Proves({"R-089", "R-141"})
  @DisplayName("Values come back as they were, dates and numbers included")
  void valuesComeBackAsTheyWere() {
    Everything value =
        new Everything(
            "x",
            -5,
            Long.MAX_VALUE,
            -0.25,
            true,
            new BigDecimal("12345678901234567890.10"),
            BigInteger.TWO.pow(100),
            Kind.LARGE,
            UUID.fromString("0190163d-8694-739b-aea5-966c26f8ad91"),
            Instant.parse("2026-03-29T01:30:00.123456789Z"),
            LocalDate.parse("2026-02-28"),
            Duration.ofMillis(1234),
            Optional.of("here"),
            List.of(Map.of("a", List.of(1, 2, 3)), Map.of()));
    assertThat(codec.decode(codec.encode(value), TypeRef.of(Everything.class))).isEqualTo(value);
  }

  @Test
  @Proves({"R-081", "R-082", "R-086"})
  @DisplayName("Nested and empty collections are kept")
  void nestedCollectionsAreKept() {
    TypeRef<Map<String, Object>> type = new TypeRef<>() {};
    Map<String, Object> value =
        Map.of(
            "a",
            Map.of("b", Map.of("c", Map.of("d", Map.of("e", "five")))),
            "list",
            List.of(),
            "map",
            Map.of());
    assertThat(codec.decode(codec.encode(value), type)).isEqualTo(value);
  }

  record Amounts(long whole, boolean flag, String text) {}

  record Times(OffsetDateTime offset, ZonedDateTime zoned) {}

  record Renewal(String name, @Nullable String added) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"whole\":12.99,\"flag\":true,\"text\":\"a\"}",
        "{\"whole\":\"12\",\"flag\":true,\"text\":\"a\"}",
        "{\"whole\":true,\"flag\":true,\"text\":\"a\"}",
        "{\"whole\":null,\"flag\":true,\"text\":\"a\"}",
        "{\"whole\":12,\"flag\":5,\"text\":\"a\"}",
        "{\"whole\":12,\"flag\":\"true\",\"text\":\"a\"}",
        "{\"whole\":12,\"flag\":true}",
        "{\"whole\":12,\"flag\":true,\"text\":5}",
        "{\"whole\":12,\"flag\":true,\"text\":5.5}",
        "{\"whole\":12,\"flag\":true,\"text\":true}",
        "{\"whole\":9223372036854775808,\"flag\":true,\"text\":\"a\"}"
      })
  @Proves("F7.7")
  @DisplayName("A value that does not fit its type is refused, not converted")
  void strict(String json) {
    assertThatThrownBy(() -> codec.decode(json, TypeRef.of(Amounts.class)))
        .isInstanceOf(JsonException.class);
  }

  static Stream<Arguments> misfits() {
    return Stream.of(
            List.of(Integer.class, "\"  \""),
            List.of(Integer.class, "\"\""),
            List.of(Long.class, "\" \""),
            List.of(Double.class, "\"\""),
            List.of(BigDecimal.class, "\"  \""),
            List.of(Boolean.class, "\"\""),
            List.of(UUID.class, "\"  \""),
            List.of(UUID.class, "\"\""),
            List.of(Level.class, "\"\""),
            List.of(Level.class, "0"),
            List.of(Level.class, "\"low\""),
            List.of(Amounts.class, "\"\""),
            List.of(LocalDate.class, "\"\""),
            List.of(LocalDate.class, "\"2026-01-02T03:04:05\""),
            List.of(LocalDate.class, "\"2026-01-02T03:04:05Z\""),
            List.of(Instant.class, "\" \""),
            List.of(Double.class, "1e400"),
            List.of(double.class, "-1e400"),
            List.of(Float.class, "1e39"),
            List.of(float.class, "1e39"),
            List.of(Double.class, "\"1.5\""),
            List.of(double.class, "null"),
            List.of(String.class, "5"),
            List.of(Integer[].class, "[\"\"]"))
        .map(pair -> Arguments.of(pair.get(0), pair.get(1)));
  }

  @ParameterizedTest
  @MethodSource("misfits")
  @Proves("F7.7")
  @DisplayName("values.md says that the codec \"makes nothing fit\"")
  void makesNothingFit(Class<?> type, String json) {
    assertThatThrownBy(() -> codec.decode(json, TypeRef.of(type)))
        .isInstanceOf(JsonException.class);
  }

  static Stream<Object> extremes() {
    return Stream.of(
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        Double.MAX_VALUE,
        Double.MIN_VALUE,
        -0.0,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.MAX_VALUE,
        "",
        "  ",
        Level.LOW,
        LocalDate.MIN,
        LocalDate.parse("2024-02-29"));
  }

  @ParameterizedTest
  @MethodSource("extremes")
  @Proves("F7.7")
  @DisplayName("A value that fits is read as it was written")
  void extremeValues(Object value) {
    assertThat((Object) codec.decode(codec.encode(value), TypeRef.of(value.getClass())))
        .isEqualTo(value);
  }

  @Test
  @Proves("F7.7")
  @DisplayName("A renamed component is not silently null")
  void renamed() {
    assertThatThrownBy(() -> codec.decode("{\"oldName\":\"x\"}", TypeRef.of(Renewed.class)))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("name");
    assertThat(codec.decode("{\"name\":\"x\",\"added\":null}", TypeRef.of(Renewal.class)))
        .isEqualTo(new Renewal("x", null));
  }

  @Test
  @Proves("F7.7")
  @DisplayName("Times keep their offsets and zones")
  void zones() {
    Times times =
        new Times(
            OffsetDateTime.parse("2026-03-29T01:30:00.123+05:30"),
            ZonedDateTime.parse("2026-10-25T02:30:00+01:00[Europe/Berlin]"));
    assertThat(codec.decode(codec.encode(times), TypeRef.of(Times.class))).isEqualTo(times);
  }

  @Test
  @Proves("F7.1")
  @DisplayName("Numbers of more than a thousand digits are read")
  void longNumbers() {
    BigDecimal huge = new BigDecimal("1" + "0".repeat(5_000) + ".5");
    assertThat(codec.decode(codec.encode(huge), TypeRef.of(BigDecimal.class))).isEqualTo(huge);
  }

  @Test
  void fieldsThatANewerClassDroppedAreIgnored() {
    String json = codec.encode(new Old("kept", 7));
    assertThat(codec.decode(json, TypeRef.of(Renewed.class))).isEqualTo(new Renewed("kept"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}}", "1 2", "nul", "{\"a\":1,}", "'x'"})
  void whatIsNotJsonIsRefused(String text) {
    assertThatThrownBy(() -> codec.decode(text, TypeRef.of(Object.class)))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("java.lang.Object");
  }

  enum Level {
    LOW;

    @Override
    public String toString() {
      return "low";
    }
  }

  record Secret(String name, int age, Level level, Instant at, List<Integer> many, UUID id) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"secret-1234\"",
        "[\"secret-1234\"]",
        "{\"age\":\"secret-1234\"}",
        "{\"name\":{\"pin\":\"secret-1234\"}}",
        "{\"level\":\"secret-1234\"}",
        "{\"level\":0}",
        "{\"at\":\"secret-1234\"}",
        "{\"many\":\"secret-1234\"}",
        "{\"many\":[1,\"secret-1234\"]}",
        "{\"id\":\"secret-1234\"}",
        "{\"name\":secret-1234}",
        "secret-1234",
        "{\"name\":\"x\"} \"secret-1234\"",
        "{\"secret-1234"
      })
  @DisplayName("values.md: messages name the place, never the value, and neither do their causes")
  void whatDoesNotFitIsRefusedWithoutQuotingThePayload(String json) {
    Throwable refused = catchThrowable(() -> codec.decode(json, new TypeRef<Secret>() {}));
    assertThat(refused).isInstanceOf(JsonException.class).hasMessageContaining("Secret");
    StringWriter all = new StringWriter();
    refused.printStackTrace(new PrintWriter(all));
    assertThat(all.toString()).doesNotContain("secret-1234");
  }

  @Test
  void aValueThatContainsItselfIsRefused() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    assertThatThrownBy(() -> codec.encode(endless))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("ArrayList");
  }

  @Test
  void noTypeNameInAPayloadChoosesTheClass() {
    Object value = codec.decode("[\"java.net.URL\",\"http://x\"]", TypeRef.of(Object.class));
    assertThat(value).isInstanceOf(List.class);
  }
}
