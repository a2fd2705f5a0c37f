package dev.durable.json;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Values as what JSON has: maps, lists, texts, numbers and booleans. Records are spelled by their
 * components, whatever annotations say, and are read strictly. Numbers are exact.
 */
public final class JsonTrees {

  /** More digits than PostgreSQL can store. */
  static final StreamReadConstraints LONG_NUMBERS =
      StreamReadConstraints.builder().maxNumberLength(150_000).build();

  private static final JsonMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(LONG_NUMBERS).build())
          .disable(MapperFeature.USE_ANNOTATIONS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING)
          .build();

  private JsonTrees() {}

  /**
   * What a JSON text says.
   *
   * @throws JsonException if it is not JSON
   */
  public static @Nullable Object parse(String json) {
    return read(Objects.requireNonNull(json, "json"), Object.class);
  }

  /**
   * What a value says.
   *
   * @throws JsonException if it cannot be written as JSON
   */
  public static @Nullable Object of(@Nullable Object value) {
    return parse(write(value));
  }

  /**
   * The record of a map.
   *
   * @throws JsonException if it does not fit, or the record itself refuses it
   */
  public static <T> T as(@Nullable Object tree, Class<T> type) {
    Objects.requireNonNull(type, "type");
    T value = read(write(tree), type);
    if (value == null) {
      throw new JsonException("Null is no " + type.getName() + ".", null);
    }
    return value;
  }

  private static String write(@Nullable Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (Throwable unusable) {
      String type = value == null ? "null" : value.getClass().getName();
      throw Refusal.of("Cannot write a " + type + " as JSON", unusable);
    }
  }

  private static <T> @Nullable T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (Throwable unusable) {
      throw Refusal.of("Cannot read JSON as " + type.getTypeName(), unusable);
    }
  }

  /**
   * Makes sure that a text is one JSON value.
   *
   * @throws JsonException if it is not
   */
  static void requireJson(String json) {
    try (JsonParser parser = MAPPER.createParser(json)) {
      boolean empty = parser.nextToken() == null;
      parser.skipChildren();
      if (empty || parser.nextToken() != null) {
        throw new JsonException("It is not one JSON value.", null);
      }
    } catch (JacksonException malformed) {
      throw Refusal.of("The codec wrote no JSON", malformed);
    }
  }
}
