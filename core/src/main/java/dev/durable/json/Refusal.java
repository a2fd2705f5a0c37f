package dev.durable.json;

import static java.util.regex.Pattern.DOTALL;

import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.PropertyBindingException;

/**
 * Why Jackson refused something, without the value itself. Values may be confidential, and a codec
 * may have decrypted them; the reason is stored and logged.
 */
final class Refusal {

  /** Jackson's own words are kept where they begin so: they name properties only. */
  private static final List<String> ABOUT_PROPERTIES =
      List.of("Missing ", "Null value", "Cannot map `null`", "Trailing token");

  /** The end of some messages of Jackson's: a setting that is not the user's. */
  private static final Pattern SETTING =
      Pattern.compile("[;:,]?\\s*\\(?(?:set )?`?Deserialization(?:Config|Feature)\\b.*", DOTALL);

  private Refusal() {}

  /**
   * @param action what was to be done, as the message begins
   */
  static JsonException of(String action, Throwable failure) {
    return new JsonException(action + ": " + reason(failure), quotes(failure) ? null : failure);
  }

  static String reason(Throwable failure) {
    return switch (failure) {
      case MismatchedInputException mismatch when quotes(mismatch) -> place(mismatch);
      case InputCoercionException range ->
          "a number is out of range of " + range.getTargetType().getTypeName() + location(range);
      case StreamReadException malformed -> "it is not JSON" + location(malformed);
      case JacksonException jackson ->
          SETTING.matcher(jackson.getOriginalMessage()).replaceFirst("");
      default -> failure.getClass().getSimpleName();
    };
  }

  /** Whether Jackson's message may repeat what it read. */
  private static boolean quotes(Throwable failure) {
    return switch (failure) {
      case PropertyBindingException property -> false;
      case MismatchedInputException mismatch ->
          ABOUT_PROPERTIES.stream().noneMatch(mismatch.getOriginalMessage()::startsWith);
      case StreamReadException malformed -> true;
      default -> false;
    };
  }

  private static String place(MismatchedInputException mismatch) {
    Class<?> type = mismatch.getTargetType();
    String at = mismatch.getPathReference();
    return "what is there does not fit "
        + (type == null ? "the type" : type.getTypeName())
        + (at.isEmpty() ? "" : ", at " + at);
  }

  private static String location(StreamReadException malformed) {
    var at = malformed.getLocation();
    return at == null
        ? ""
        : ", from line " + at.getLineNr() + ", column " + at.getColumnNr() + " on";
  }
}
