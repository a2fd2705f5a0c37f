package dev.durable.internal.codec;

import dev.durable.execution.ErrorInfo;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a failure, which may name the calls of a body that an operator's retry makes anew
 * because of it.
 */
public final class FailureJson {

  private static final String CALLS = "calls";
  private static final String LASTS = "lasts";
  private static final TypeRef<List<String>> PATHS = new TypeRef<>() {};

  private FailureJson() {}

  /**
   * Writes a failure.
   *
   * @param calls the paths of calls, and the ids of children
   * @param lasts whether another try of the whole workflow would only bring it again
   */
  public static String write(ErrorInfo error, Collection<String> calls, boolean lasts) {
    String json = InternalJson.write(error);
    if (calls.isEmpty() && !lasts) {
      return json;
    }
    Map<String, String> fields = new TreeMap<>(JsonFields.split(json));
    if (!calls.isEmpty()) {
      fields.put(CALLS, InternalJson.write(calls));
    }
    if (lasts) {
      fields.put(LASTS, "true");
    }
    return JsonFields.join(fields);
  }

  /** Whether another try of the whole workflow would only bring a failure again. */
  public static boolean lasts(@Nullable String json) {
    return json != null
        && json.contains('"' + LASTS + '"')
        && "true".equals(JsonFields.split(json).get(LASTS));
  }

  /** The calls that a failure names. */
  public static List<String> calls(@Nullable String json) {
    if (json == null || !json.contains('"' + CALLS + '"')) {
      return List.of();
    }
    String calls = JsonFields.split(json).get(CALLS);
    return calls == null ? List.of() : List.copyOf(InternalJson.read(calls, PATHS));
  }
}
