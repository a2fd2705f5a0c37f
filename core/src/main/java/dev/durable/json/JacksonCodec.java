package dev.durable.json;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/** The default codec: Jackson 3. */
final class JacksonCodec implements JsonCodec {

  /** A date is no date with a time. */
  private static final JsonFormat.Value STRICT = JsonFormat.Value.forLeniency(false);

  private final JsonMapper mapper;
  private final Map<TypeRef<?>, ObjectReader> readers = new ConcurrentHashMap<>();
  private final Map<TypeRef<?>, ObjectWriter> writers = new ConcurrentHashMap<>();
  private final Map<TypeRef<?>, Optional<String>> problems = new ConcurrentHashMap<>();

  JacksonCodec(JsonMapper mapper) {
    this.mapper = Objects.requireNonNull(mapper, "mapper");
  }

  static JacksonCodec withDefaults() {
    return new JacksonCodec(
        lenient()
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .addModule(FiniteNumbers.module())
            .withCoercionConfigDefaults(JacksonCodec::noEmptyTexts)
            .withCoercionConfig(LogicalType.Textual, JacksonCodec::textsOnly)
            .withConfigOverride(LocalDate.class, date -> date.setFormat(STRICT))
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .disable(DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
            .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
            .build());
  }

  /** A text of spaces, or of nothing, is no number and no object. */
  private static void noEmptyTexts(MutableCoercionConfig anything) {
    anything
        .setAcceptBlankAsEmpty(false)
        .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
  }

  private static void textsOnly(MutableCoercionConfig texts) {
    texts
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
  }

  /** For the engine's own values, whose later versions have more fields. */
  static JacksonCodec internal() {
    return new JacksonCodec(lenient().build());
  }

  private static JsonMapper.Builder lenient() {
    return JsonMapper.builder(
            JsonFactory.builder().streamReadConstraints(JsonTrees.LONG_NUMBERS).build())
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING);
  }

  @Override
  public String encode(@Nullable Object value) {
    return written(value, () -> mapper.writeValueAsString(value));
  }

  /** A class of its own says all about a value; of a parameterized one Java knows less. */
  @Override
  public String encode(@Nullable Object value, TypeRef<?> type) {
    return type.type() instanceof Class
        ? encode(value)
        : written(
            value, () -> writers.computeIfAbsent(type, this::writer).writeValueAsString(value));
  }

  private static String written(@Nullable Object value, Supplier<String> json) {
    try {
      return json.get();
    } catch (JacksonException | StackOverflowError failure) {
      String type = value == null ? "null" : value.getClass().getName();
      throw Refusal.of("Cannot write a " + type + " as JSON", failure);
    }
  }

  @Override
  public <T> @Nullable T decode(String json, TypeRef<T> type) {
    try {
      return readers.computeIfAbsent(type, this::reader).readValue(json);
    } catch (JacksonException | StackOverflowError failure) {
      throw Refusal.of("Cannot read JSON as " + type, failure);
    }
  }

  @Override
  public void check(TypeRef<?> type) {
    problems
        .computeIfAbsent(
            type, asked -> Optional.ofNullable(new ReadableTypes(mapper).problem(asked)))
        .ifPresent(
            problem -> {
              throw new JsonException(problem, null);
            });
  }

  private ObjectWriter writer(TypeRef<?> type) {
    return mapper.writerFor(mapper.getTypeFactory().constructType(type.type()));
  }

  private ObjectReader reader(TypeRef<?> type) {
    JavaType javaType = mapper.getTypeFactory().constructType(type.type());
    return mapper.readerFor(javaType);
  }
}
