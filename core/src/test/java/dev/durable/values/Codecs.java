package dev.durable.values;

import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Codecs as users have them. Each refuses types that are the engine's. */
public enum Codecs {
  PLAIN,
  RENAMING,
  ENCRYPTING,
  WRAPPING;

  /** A codec of that kind. */
  public JsonCodec codec() {
    return switch (this) {
      case PLAIN -> new Strict(JsonCodec.jackson());
      case RENAMING ->
          new Strict(
              JsonCodec.jackson(
                  JsonMapper.builder()
                      .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                      .build()));
      case ENCRYPTING -> new Strict(new Encrypting(JsonCodec.jackson()));
      case WRAPPING -> new Strict(new Wrapping(JsonCodec.jackson()));
    };
  }

  /** Only what is the user's may come to the user's codec. */
  private record Strict(JsonCodec codec) implements JsonCodec {

    @Override
    public String encode(@Nullable Object value) {
      requireUsers(value == null ? "null" : value.getClass().getName());
      return codec.encode(value);
    }

    @Override
    public String encode(@Nullable Object value, TypeRef<?> type) {
      requireUsers(type.toString());
      return codec.encode(value, type);
    }

    @Override
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      requireUsers(type.toString());
      return codec.decode(json, type);
    }

    @Override
    public void check(TypeRef<?> type) {
      requireUsers(type.toString());
      codec.check(type);
    }

    private static void requireUsers(String type) {
      String others = type.replaceAll("dev\\.durable\\.(values|random)\\.", "");
      if (others.contains("dev.durable.")) {
        throw new IllegalStateException(
            "The user's codec is given a type of the engine's: " + type);
      }
    }
  }

  /** Each value is a text that says nothing to the reader of a column. */
  private record Encrypting(JsonCodec codec) implements JsonCodec {

    @Override
    public String encode(@Nullable Object value) {
      return encrypt(codec.encode(value));
    }

    @Override
    public String encode(@Nullable Object value, TypeRef<?> type) {
      return encrypt(codec.encode(value, type));
    }

    private static String encrypt(String json) {
      byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
      flip(bytes);
      return "\"secret:" + Base64.getEncoder().encodeToString(bytes) + '"';
    }

    @Override
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      String text = json.strip();
      if (!text.startsWith("\"secret:")) {
        throw new JsonException("This was not encrypted: " + json, null);
      }
      byte[] bytes = Base64.getDecoder().decode(text.substring(8, text.length() - 1));
      flip(bytes);
      return codec.decode(new String(bytes, StandardCharsets.UTF_8), type);
    }

    @Override
    public void check(TypeRef<?> type) {
      codec.check(type);
    }

    private static void flip(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (bytes[i] ^ 0x5a);
      }
    }
  }

  /** Each value stands in an object that says how it was written. */
  private record Wrapping(JsonCodec codec) implements JsonCodec {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    @Override
    public String encode(@Nullable Object value) {
      return wrap(codec.encode(value));
    }

    @Override
    public String encode(@Nullable Object value, TypeRef<?> type) {
      return wrap(codec.encode(value, type));
    }

    private static String wrap(String json) {
      return "{\"written\":\"v1\",\"value\":" + json + "}";
    }

    @Override
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      JsonNode wrapped =
          MAPPER.reader(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).readTree(json);
      if (wrapped.size() != 2 || !wrapped.path("written").asString("").equals("v1")) {
        throw new JsonException("This was not wrapped: " + json, null);
      }
      return codec.decode(MAPPER.writeValueAsString(wrapped.get("value")), type);
    }

    @Override
    public void check(TypeRef<?> type) {
      codec.check(type);
    }
  }
}
