package dev.durable.cli.operate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON from the command line, and writes it for programs. */
public final class Json {

  private static final String STANDARD_INPUT = "-";

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final Pattern SOURCE =
      Pattern.compile("\\s*\\([^()]*\\[Source: (?:[^()]|\\([^()]*\\))*\\)");

  private Json() {}

  /** The JSON of maps, lists, texts, numbers and nulls, on one line. */
  public static String write(@Nullable Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** JSON from the database, as part of other JSON. */
  public static @Nullable JsonNode read(@Nullable String json) {
    return json == null ? null : MAPPER.readTree(json);
  }

  /** Whether the argument stands for standard input. */
  static boolean isPiped(String argument) {
    return argument.equals(STANDARD_INPUT);
  }

  /**
   * The JSON of an argument, or for {@code -} of standard input.
   *
   * @throws IllegalArgumentException if it is not JSON
   */
  public static String of(String argument) {
    boolean piped = isPiped(argument);
    String json = piped ? piped() : argument;
    String where = piped ? "Standard input" : "'" + Table.oneLine(json) + "'";
    if (json.isBlank()) {
      throw new IllegalArgumentException(
          (piped ? "Standard input" : "The JSON") + " is empty; JSON has null for nothing.");
    }
    try {
      MAPPER.readTree(json);
      return json;
    } catch (JacksonException notJson) {
      throw new IllegalArgumentException(
          where
              + " is not JSON: "
              + Table.oneLine(words(notJson))
              + ". A text has quotes of its own: '\"text\"'.",
          notJson);
    }
  }

  /** What the parser says, without its words about where it looked. */
  private static String words(JacksonException notJson) {
    String words = notJson.getOriginalMessage();
    return words.startsWith("Trailing token")
        ? "something follows the value"
        : SOURCE.matcher(words).replaceAll("");
  }

  private static String piped() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("Standard input cannot be read.", unreadable);
    }
  }
}
