package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import dev.durable.json.JsonCodec;
import dev.durable.json.TypeRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON of the engine's own values, which the user's codec has no say in. */
public final class InternalJson {

  private static final JsonCodec CODEC = JsonCodec.jackson();
  private static final TypeRef<Map<String, String>> TAGS = new TypeRef<>() {};

  private InternalJson() {}

  /** The JSON of an engine's value. */
  public static String write(Object value) {
    return CODEC.encode(value);
  }

  /** The error stored in a column, or null. */
  public static @Nullable ErrorInfo error(@Nullable String json) {
    return json == null ? null : CODEC.decode(json, TypeRef.of(ErrorInfo.class));
  }

  /** The tags stored in a column; none for null. */
  public static Map<String, String> tags(@Nullable String json) {
    Map<String, String> tags = json == null ? null : CODEC.decode(json, TAGS);
    return tags == null ? Map.of() : Map.copyOf(tags);
  }
}
