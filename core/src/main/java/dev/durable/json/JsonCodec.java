package dev.durable.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns values into JSON text and back. Implementations are thread-safe.
 *
 * <p>What a step receives has always been through the codec, so a value looks the same with and
 * without a crash in between.
 */
public interface JsonCodec {

  /**
   * The JSON of a value.
   *
   * @param value the value; null gives {@code null}
   * @throws JsonException if the value cannot be written
   */
  String encode(@Nullable Object value);

  /**
   * The JSON of a value that will be read as a type: what the value's own class does not tell, such
   * as the elements of a list, is written so that this type can be read. Default: {@link
   * #encode(Object)}. A codec around another one asks that.
   *
   * @param value the value; null gives {@code null}
   * @param type the declared type of an input, a result, an event or an item
   * @throws JsonException if the value cannot be written
   */
  default String encode(@Nullable Object value, TypeRef<?> type) {
    return encode(value);
  }

  /**
   * The value of a JSON text.
   *
   * @param json one JSON value
   * @param type what to make of it
   * @throws JsonException if the text is not JSON or does not fit the type
   */
  <T> @Nullable T decode(String json, TypeRef<T> type);

  /**
   * Refuses a type whose values cannot be written and read back. Asked before any value of the type
   * exists: for the types of definitions when an instance starts, for those that a body names
   * before the work that makes the value. Default: takes every type. A codec around another one
   * asks that.
   *
   * @param type the type of an input, a result, an event or an item
   * @throws JsonException if values of this type cannot travel; the message says why, and what to
   *     do
   */
  default void check(TypeRef<?> type) {}

  /**
   * Jackson 3, strict: what JSON lacks is not made up (a missing component of a record, a null for
   * a primitive), no number with a fraction becomes a whole one, no text or number a boolean, and
   * times keep their offsets and zones. Unknown properties are ignored: an old execution may carry
   * fields that a newer class dropped. No polymorphic typing.
   */
  static JsonCodec jackson() {
    return JacksonCodec.withDefaults();
  }

  /** Jackson 3 with the caller's mapper. */
  static JsonCodec jackson(JsonMapper mapper) {
    return new CheckedCodec(new JacksonCodec(mapper));
  }
}
