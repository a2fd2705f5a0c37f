package dev.durable.internal.codec;

import dev.durable.json.TypeRef;
import org.jspecify.annotations.Nullable;

/**
 * A value on its way from one body to the next: its JSON, and the object that was read from the
 * JSON when it was checked. The first reader gets that object; every other reader gets its own, so
 * that no attempt sees changes of another.
 */
public final class JsonValue {

  private final String json;
  private @Nullable TypeRef<?> type;
  private @Nullable Object value;

  private JsonValue(String json, @Nullable TypeRef<?> type, @Nullable Object value) {
    this.json = json;
    this.type = type;
    this.value = value;
  }

  /** Stored JSON that has not been read yet. */
  public static JsonValue of(String json) {
    return new JsonValue(json, null, null);
  }

  /** JSON that has just been read as a type. */
  public static JsonValue of(String json, TypeRef<?> type, @Nullable Object value) {
    return new JsonValue(json, type, value);
  }

  /** The same for another reader, on any thread. */
  public JsonValue copy() {
    return of(json);
  }

  /** The JSON. */
  public String json() {
    return json;
  }

  /**
   * The value as a type. For one thread.
   *
   * @throws dev.durable.json.JsonException if it does not fit
   */
  public @Nullable Object as(TypeRef<?> wanted, Payloads payloads) {
    if (value != null && type != null && type.equals(wanted)) {
      Object fresh = value;
      value = null;
      return fresh;
    }
    return payloads.decode(json, wanted);
  }
}
