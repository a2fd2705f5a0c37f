package dev.durable.json;

import org.jspecify.annotations.Nullable;

/** A codec that is not known to write JSON: what it writes is read once before it is used. */
record CheckedCodec(JsonCodec codec) implements JsonCodec {

  @Override
  public String encode(@Nullable Object value) {
    return checked(codec.encode(value));
  }

  @Override
  public String encode(@Nullable Object value, TypeRef<?> type) {
    return checked(codec.encode(value, type));
  }

  private static String checked(@Nullable String json) {
    if (json == null) {
      throw new JsonException("The codec wrote no JSON.", null);
    }
    JsonTrees.requireJson(json);
    return json;
  }

  @Override
  public <T> @Nullable T decode(String json, TypeRef<T> type) {
    return codec.decode(json, type);
  }

  @Override
  public void check(TypeRef<?> type) {
    codec.check(type);
  }
}
