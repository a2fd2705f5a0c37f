package dev.durable.json;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON objects whose fields stay JSON: nothing is lost by reading and writing them again. */
public final class JsonFields {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private JsonFields() {}

  /** A JSON object of fields that are JSON themselves. */
  public static String join(Map<String, String> fields) {
    StringBuilder json = new StringBuilder("{");
    fields.forEach(
        (name, value) ->
            json.append(json.length() == 1 ? "" : ",")
                .append(MAPPER.writeValueAsString(name))
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
    try {
      Map<String, String> fields = new LinkedHashMap<>();
      MAPPER
          .readTree(json)
          .properties()
          .forEach(field -> fields.put(field.getKey(), field.getValue().toString()));
      return fields;
    } catch (RuntimeException malformed) {
      throw new JsonException("Not a JSON object.", malformed);
    }
  }
}
