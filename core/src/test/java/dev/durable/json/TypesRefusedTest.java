package dev.durable.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.durable.testing.Proves;
import dev.durable.wait.Event;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.math.BigDecimal;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

@Tag("newest")
class TypesRefusedTest {

  record Box<T>(T value) {}

  sealed interface Bare permits BareLeaf {}

  record BareLeaf(int number) implements Bare {}

  abstract static class Shape {
    public int sides;
  }

  static final class Closed {
    private final long cents;

    Closed(long cents, String currency) {
      this.cents = cents + currency.length();
    }

    public long getCents() {
      return cents;
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  sealed interface Named permits NamedLeaf {}

  record NamedLeaf(int number) implements Named {}

  record Money(BigDecimal amount) {
    @JsonCreator
    static Money parse(String text) {
      return new Money(new BigDecimal(text));
    }
  }

  record Holder(String id, Bare bare) {}

  record Renamed(
      @com.fasterxml.jackson.annotation.JsonProperty("b") Holder holder, List<String> rest) {}

  record Tree(String name, List<Tree> children) {}

  record RawParts(String id, @SuppressWarnings("rawtypes") List parts) {}

  record BoxOfRaw(@SuppressWarnings("rawtypes") Box box) {}

  record OwnReader(@JsonDeserialize(using = BareReader.class) Bare bare, Bareless other) {}

  record AsLeaf(@JsonDeserialize(as = BareLeaf.class) Bare bare) {}

  record OwnInfo(@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind") List<Bare> bare) {}

  record Bareless(int number) {}

  static final class BareReader extends ValueDeserializer<Bare> {
    @Override
    public Bare deserialize(JsonParser parser, DeserializationContext context) {
      return new BareLeaf(parser.getIntValue());
    }
  }

  @SuppressWarnings("rawtypes")
  static <T> Stream<ThrowingCallable> givenUnnamed() {
    return Stream.of(
        () -> TypeRef.of(List.class),
        () -> TypeRef.of(Map.class),
        () -> TypeRef.of(Optional.class),
        () -> TypeRef.of(Box.class),
        () -> TypeRef.of(List[].class),
        () -> TypeRef.of(EnumMap.class),
        () -> new TypeRef<List>() {},
        () -> new TypeRef<Map<String, Set>>() {},
        () -> new TypeRef<Box[]>() {},
        () -> new TypeRef<T>() {},
        () -> new TypeRef<List<T>>() {},
        () -> new TypeRef<Map<String, List<? extends T>>>() {},
        () -> new TypeRef<T[]>() {},
        () -> new TypeRef<List<T[]>>() {},
        () -> Event.of("e", List.class),
        () -> StepRef.of("s", Map.class),
        () -> Workflow.define("w", List.class),
        () -> Workflow.define("w", String.class).step("s", Map.class, s -> Map.of()));
  }

  @ParameterizedTest
  @MethodSource("givenUnnamed")
  @Proves("F7.7")
  @DisplayName("Raw classes and type variables are refused where they are given")
  void unnamed(ThrowingCallable given) {
    assertThatThrownBy(given)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("new TypeRef<");
  }

  @Test
  @Proves("F7.7")
  @DisplayName("Types that name their contents are accepted")
  void named() {
    assertThat(new TypeRef<List<?>>() {}).isNotNull();
    assertThat(new TypeRef<Map<String, Object>>() {}).isNotNull();
    assertThat(new TypeRef<List<String>[]>() {}).isNotNull();
    assertThat(new TypeRef<Box<? extends Number>>() {}).isNotNull();
    assertThat(TypeRef.of(int[].class)).isNotNull();
    assertThat(TypeRef.of(Object.class)).isNotNull();
    assertThat(TypeRef.listOf(TypeRef.of(String.class))).isNotNull();
  }

  static Stream<TypeRef<?>> unreadable() {
    return Stream.of(
        TypeRef.of(Bare.class),
        TypeRef.of(Shape.class),
        TypeRef.of(Runnable.class),
        TypeRef.of(Closed.class),
        TypeRef.of(Holder.class),
        TypeRef.of(Renamed.class),
        TypeRef.of(Bare[].class),
        TypeRef.of(RawParts.class),
        TypeRef.of(BoxOfRaw.class),
        new TypeRef<List<Bare>>() {},
        new TypeRef<Map<String, List<Holder>>>() {},
        new TypeRef<Optional<Bare>>() {},
        new TypeRef<Box<Bare>>() {},
        new TypeRef<Box<Box<Shape>>>() {});
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  @Proves("F7.7")
  @DisplayName("A type that Jackson can write but not read is refused, with the remedy")
  void unreadable(TypeRef<?> type) {
    assertThatThrownBy(() -> JsonCodec.jackson().check(type))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining(type.toString())
        .hasMessageMatching("(?s).*(@JsonTypeInfo|@JsonCreator|new TypeRef<).*");
  }

  record Later(String id, CompletableFuture<String> answer) {}

  static Stream<TypeRef<?>> futures() {
    return Stream.of(
        new TypeRef<CompletableFuture<String>>() {},
        new TypeRef<Future<String>>() {},
        new TypeRef<FutureTask<String>>() {},
        new TypeRef<CompletionStage<String>>() {},
        new TypeRef<List<CompletableFuture<String>>>() {},
        new TypeRef<Map<String, Optional<Future<String>>>>() {},
        TypeRef.of(Later.class));
  }

  @ParameterizedTest
  @MethodSource("futures")
  @Proves("F7.7")
  @DisplayName("A future is refused, which would be read back as one that never completes")
  void futures(TypeRef<?> type) {
    assertThatThrownBy(() -> JsonCodec.jackson().check(type))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining(type.toString())
        .hasMessageContaining("Wait for it in the step and return its value");
  }

  @Test
  @Proves("F7.7")
  @DisplayName("The refusal names the place inside the type")
  void place() {
    assertThatThrownBy(() -> JsonCodec.jackson().check(TypeRef.of(Renamed.class)))
        .hasMessageContaining("b.bare")
        .hasMessageContaining(Bare.class.getName())
        .hasMessageContaining("@JsonTypeInfo");
  }

  static Stream<TypeRef<?>> readable() {
    return Stream.of(
        TypeRef.of(Void.class),
        TypeRef.of(String.class),
        TypeRef.of(Object.class),
        TypeRef.of(Number.class),
        TypeRef.of(CharSequence.class),
        TypeRef.of(DayOfWeek.class),
        TypeRef.of(Named.class),
        TypeRef.of(Money.class),
        TypeRef.of(Tree.class),
        TypeRef.of(OwnReader.class),
        TypeRef.of(AsLeaf.class),
        TypeRef.of(OwnInfo.class),
        TypeRef.of(byte[].class),
        TypeRef.of(UUID.class),
        TypeRef.of(URI.class),
        TypeRef.of(Instant.class),
        TypeRef.of(ZoneId.class),
        new TypeRef<Collection<Tree>>() {},
        new TypeRef<EnumMap<DayOfWeek, Named>>() {},
        new TypeRef<Optional<Box<Money>>>() {},
        new TypeRef<List<?>>() {},
        new TypeRef<Map<String, Object>>() {});
  }

  @ParameterizedTest
  @MethodSource("readable")
  @Proves("F7.7")
  @DisplayName("Types that Jackson can read are accepted")
  void readable(TypeRef<?> type) {
    assertThatCode(() -> JsonCodec.jackson().check(type)).doesNotThrowAnyException();
  }

  @Test
  @Proves("F7.7")
  @DisplayName("A mapper that knows the class decides for itself")
  void ownMapper() {
    JsonMapper mapper =
        JsonMapper.builder()
            .addModule(new SimpleModule().addAbstractTypeMapping(Bare.class, BareLeaf.class))
            .build();
    assertThatCode(() -> JsonCodec.jackson(mapper).check(TypeRef.of(Holder.class)))
        .doesNotThrowAnyException();
  }

  static Stream<Object> times() {
    return Stream.of(
        Instant.parse("2026-03-29T01:30:00.123456789Z"),
        LocalDate.parse("2026-02-28"),
        LocalTime.parse("23:59:59.999999999"),
        LocalDateTime.parse("2026-03-29T02:30:00"),
        OffsetDateTime.parse("2026-03-29T01:30:00.123+05:30"),
        OffsetDateTime.parse("2026-03-29T01:30:00Z"),
        OffsetTime.parse("01:30:00-11:00"),
        ZonedDateTime.parse("2026-10-25T02:30:00+01:00[Europe/Berlin]"),
        ZonedDateTime.parse("2026-10-25T02:30:00+02:00[Europe/Berlin]"),
        ZonedDateTime.parse("2026-10-25T02:30:00Z"),
        ZonedDateTime.parse("2026-10-25T02:30:00+05:45"),
        Duration.ofSeconds(-1, 1),
        Period.of(1, -2, 3),
        Year.of(2026),
        YearMonth.of(2026, 2),
        MonthDay.of(2, 29),
        ZoneId.of("Asia/Kolkata"),
        ZoneOffset.ofHoursMinutes(-3, -30),
        DayOfWeek.SUNDAY);
  }

  @ParameterizedTest
  @MethodSource("times")
  @Proves("F7.7")
  @DisplayName("Times of every type keep their offset and zone, alone and inside others")
  void times(Object time) {
    JsonCodec codec = JsonCodec.jackson();
    @SuppressWarnings("unchecked")
    Class<Object> type =
        (Class<Object>)
            (time instanceof ZoneId && !(time instanceof ZoneOffset)
                ? ZoneId.class
                : time.getClass());
    assertThat(codec.decode(codec.encode(time), TypeRef.of(type))).isEqualTo(time);
    TypeRef<List<Object>> list = TypeRef.listOf(TypeRef.of(type));
    assertThat(codec.decode(codec.encode(List.of(time)), list)).isEqualTo(List.of(time));
  }
}
