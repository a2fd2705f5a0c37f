package dev.durable.internal.engine;

import dev.durable.json.TypeRef;
import org.jspecify.annotations.Nullable;

/**
 * A value on its way from one body to the next: its JSON, and what was made of that JSON when it
 * was checked, which the first reader gets. Every other reader gets a value of its own, so that no
 * attempt sees what another did to it.
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

  /** Stored JSON that nobody has read yet. */
  static JsonValue of(String json) {
    return new JsonValue(json, null, null);
  }

  /** JSON that has just been read as that type. */
  static JsonValue of(String json, TypeRef<?> type, @Nullable Object value) {
    return new JsonValue(json, type, value);
  }

  /** The same for another reader, on whatever thread. */
  JsonValue copy() {
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
  @Nullable Object as(TypeRef<?> wanted, Payloads payloads) {
    if (value != null && type != null && type.equals(wanted)) {
      Object fresh = value;
      value = null;
      return fresh;
    }
    return payloads.decode(json, wanted);
  }
}
