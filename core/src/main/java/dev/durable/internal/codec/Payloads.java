package dev.durable.internal.codec;

import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.JsonFields;
import dev.durable.json.JsonTrees;
import dev.durable.json.PayloadTooLargeException;
import dev.durable.json.TypeRef;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The user's codec, with limits on sizes. Refuses texts that PostgreSQL cannot store. */
public final class Payloads {

  private static final Logger LOG = LoggerFactory.getLogger(Payloads.class);

  private final JsonCodec codec;
  private final long softLimit;
  private final long hardLimit;

  /**
   * @param softLimit above this many bytes a warning is logged
   * @param hardLimit above this many bytes the value is refused
   */
  public Payloads(JsonCodec codec, long softLimit, long hardLimit) {
    this.codec = JsonFields.checked(codec);
    this.softLimit = softLimit;
    this.hardLimit = hardLimit;
  }

  /**
   * The JSON of a value. The database returns it character by character, so that a body reads the
   * same value whether or not it waited.
   *
   * @param what names the value in messages: {@code output of step 'price'}
   * @throws JsonException if it cannot be written, or has text that PostgreSQL cannot store
   * @throws PayloadTooLargeException if it is larger than the hard limit
   */
  public String encode(String what, @Nullable Object value) {
    return check(what, naming(what, () -> write(value, codec::encode)));
  }

  /**
   * Asks the codec for a type before there is a value.
   *
   * @param what names the value in messages
   * @throws JsonException if the codec refuses the type
   */
  public void require(String what, TypeRef<?> type) {
    String problem = StoredTypes.problem(codec, type);
    if (problem != null) {
      throw new JsonException("The codec refuses the " + what + ". " + problem, null);
    }
  }

  /** Checks a JSON text that a caller brought. */
  public String check(String what, String json) {
    long bytes = StorableJson.bytes(what, json);
    if (bytes > hardLimit) {
      throw new PayloadTooLargeException(what, bytes, hardLimit);
    }
    if (bytes > softLimit) {
      LOG.warn(
          "The {} is {} bytes of JSON; values above {} slow the database", what, bytes, softLimit);
    }
    return json;
  }

  /**
   * The content of a JSON text that a caller brought: maps, lists, texts, numbers and booleans.
   *
   * @throws JsonException if it is not JSON, or is too large
   */
  public @Nullable Object parse(String what, String json) {
    check(what, json);
    return naming(what, () -> JsonTrees.parse(json));
  }

  /**
   * A JSON text that a caller brought as the codec writes it.
   *
   * @throws JsonException if it is not JSON, or is too large
   */
  public String fromPlain(String what, String json) {
    return encode(what, parse(what, json));
  }

  /**
   * The value of a JSON text.
   *
   * @throws JsonException if it does not fit the type
   */
  public <T> @Nullable T decode(String json, TypeRef<T> type) {
    try {
      return codec.decode(json, type);
    } catch (JsonException known) {
      throw known;
    } catch (Throwable broken) {
      throw new JsonException("Cannot read JSON as " + type + ": " + words(broken), broken);
    }
  }

  private static String write(@Nullable Object value, Function<@Nullable Object, String> codec) {
    try {
      return codec.apply(value);
    } catch (JsonException known) {
      throw known;
    } catch (Throwable broken) {
      String type = value == null ? "null" : value.getClass().getName();
      throw new JsonException("Cannot write a " + type + " as JSON: " + words(broken), broken);
    }
  }

  private static String words(Throwable broken) {
    return broken.getClass().getName() + ": " + FailureMessage.of(broken);
  }

  /**
   * The value of a JSON text, named in messages.
   *
   * @throws JsonException if it does not fit the type; the message names it
   */
  public <T> @Nullable T decode(String what, String json, TypeRef<T> type) {
    return naming(what, () -> decode(json, type));
  }

  private static <T extends @Nullable Object> T naming(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (JsonException unusable) {
      throw new JsonException("The " + what + " is unusable: " + unusable.getMessage(), unusable);
    }
  }

  /**
   * The checked JSON of a value that can be read back as its type.
   *
   * @throws JsonException if it cannot be written and read, or is too large
   */
  public JsonValue prepare(String what, @Nullable Object value, TypeRef<?> type) {
    if (value == null && !type.isVoid()) {
      throw new NullPointerException("The " + what + " is null, which only a Void may be.");
    }
    String json = check(what, naming(what, () -> write(value, made -> codec.encode(made, type))));
    return JsonValue.of(json, type, readBack(what, json, type));
  }

  /**
   * A JSON text that a caller brought, which can be read as a type.
   *
   * @throws JsonException if it cannot, or is too large
   */
  public JsonValue prepareJson(String what, String json, TypeRef<?> type) {
    String stored = fromPlain(what, json);
    return JsonValue.of(stored, type, readBack(what, stored, type));
  }

  /**
   * Checks that a stored text can be read as a type.
   *
   * @throws JsonException if it cannot
   */
  public void requireReadable(String what, String json, TypeRef<?> type) {
    readBack(what, json, type);
  }

  private @Nullable Object readBack(String what, String json, TypeRef<?> type) {
    Object value = decode(what, json, type);
    if (value == null && !type.isVoid()) {
      throw new JsonException(
          "The " + what + " is null once it is read back, which only a Void may be.", null);
    }
    return value;
  }
}
