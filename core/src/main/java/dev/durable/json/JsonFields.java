package dev.durable.json;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/** JSON objects and lists whose parts stay JSON: nothing is lost by reading and writing them. */
public final class JsonFields {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonFields() {}

  /** The codec of the engine's own values, whose later versions have more fields. */
  public static JsonCodec internal() {
    return JacksonCodec.internal();
  }

  /** A user's codec that writes one JSON value, or fails. */
  public static JsonCodec checked(JsonCodec codec) {
    Objects.requireNonNull(codec, "codec");
    return codec instanceof JacksonCodec || codec instanceof CheckedCodec
        ? codec
        : new CheckedCodec(codec);
  }

  /** A text as JSON. */
  static String quoted(String text) {
    return MAPPER.writeValueAsString(text);
  }

  /** A JSON object of fields that are JSON themselves. */
  public static String join(Map<String, String> fields) {
    Objects.requireNonNull(fields, "fields");
    StringBuilder json = new StringBuilder("{");
    fields.forEach(
        (name, value) ->
            json.append(json.length() == 1 ? "" : ",")
                .append(quoted(name))
                .append(':')
                .append(value));
    return json.append('}').toString();
  }

  /**
   * The fields of a JSON object, each as JSON.
   *
   * @throws JsonException if it is not a JSON object
   */
  public static Map<String, String> split(String json) {
    Objects.requireNonNull(json, "json");
    try {
      return JsonSlices.fields(json, name -> MAPPER.readValue(name, String.class));
    } catch (RuntimeException malformed) {
      throw new JsonException("Not a JSON object.", malformed);
    }
  }

  /** A JSON list of elements that are JSON themselves. */
  public static String joinList(List<String> elements) {
    return "[" + String.join(",", Objects.requireNonNull(elements, "elements")) + "]";
  }

  /**
   * The elements of a JSON list, each as JSON.
   *
   * @throws JsonException if it is not a JSON list
   */
  public static List<String> splitList(String json) {
    return JsonSlices.elements(Objects.requireNonNull(json, "json"));
  }
}
