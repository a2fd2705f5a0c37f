package dev.durable.internal.codec;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** JSON of the engine's own values, independent of the user's codec. */
public final class InternalJson {

  private static final JsonCodec CODEC = JsonFields.internal();
  private static final TypeRef<Map<String, String>> TAGS = new TypeRef<>() {};

  private InternalJson() {}

  /** The JSON of an engine's value. */
  public static String write(Object value) {
    return CODEC.encode(value);
  }

  /** An engine's value from its JSON. */
  public static <T> T read(String json, TypeRef<T> type) {
    return Objects.requireNonNull(CODEC.decode(json, type));
  }

  /** The error stored in a column, or null. */
  public static @Nullable ErrorInfo error(@Nullable String json) {
    return json == null ? null : CODEC.decode(json, TypeRef.of(ErrorInfo.class));
  }

  /** The compensation stored in a column, or null. */
  public static @Nullable CompensationLog compensation(@Nullable String json) {
    return json == null ? null : CODEC.decode(json, TypeRef.of(CompensationLog.class));
  }

  public static List<CompensationResult> compensations(@Nullable String json) {
    CompensationLog compensation = compensation(json);
    return compensation == null ? List.of() : compensation.results();
  }

  /** The tags stored in a column; none for null. */
  public static Map<String, String> tags(@Nullable String json) {
    Map<String, String> tags = json == null ? null : CODEC.decode(json, TAGS);
    return tags == null ? Map.of() : Map.copyOf(tags);
  }
}
