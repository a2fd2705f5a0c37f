package dev.durable.internal.codec;

import dev.durable.execution.ErrorInfo;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import org.jspecify.annotations.Nullable;

/** Encodes the results of bodies. */
public final class StepValues {

  private final Payloads payloads;

  public StepValues(Payloads payloads) {
    this.payloads = payloads;
  }

  /**
   * The result of a body, ready for the next one. Reads it back at once: a result that cannot be
   * read would be noticed only when it is too late.
   *
   * @throws NonRetryableException if it is null and the type is not {@code Void}
   * @throws dev.durable.json.JsonException if it cannot be written and read as the type
   */
  public JsonValue encode(String path, TypeRef<?> type, @Nullable Object result) {
    if (result == null && !type.isVoid()) {
      throw new NonRetryableException(
          "'" + path + "' returned null. Return a value, or declare Void as its type.");
    }
    return payloads.prepare("result of '" + path + "'", result, type);
  }

  /**
   * The reason to park an execution: a stored value cannot be read.
   *
   * @param what names the value
   * @param path the step that reads it
   */
  public static ErrorInfo unreadable(String what, String path, JsonException why) {
    String message = what + " cannot be read: " + FailureMessage.of(why);
    return ErrorInfo.of(ErrorInfo.UNREADABLE, message, path);
  }

  /** The null of a {@code Void}, which no annotation can tell from other nulls. */
  @SuppressWarnings("NullAway")
  public static <T> T orVoid(@Nullable T value) {
    return value;
  }
}
