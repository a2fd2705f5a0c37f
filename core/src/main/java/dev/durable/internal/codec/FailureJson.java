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
  private static final TypeRef<List<String>> PATHS = new TypeRef<>() {};

  private FailureJson() {}

  /**
   * Writes a failure.
   *
   * @param calls the paths of calls, and the ids of children
   */
  public static String write(ErrorInfo error, Collection<String> calls) {
    String json = InternalJson.write(error);
    if (calls.isEmpty()) {
      return json;
    }
    Map<String, String> fields = new TreeMap<>(JsonFields.split(json));
    fields.put(CALLS, InternalJson.write(calls));
    return JsonFields.join(fields);
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
