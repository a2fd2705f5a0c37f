package dev.durable.internal.codec;

import dev.durable.json.JsonException;

/** JSON that PostgreSQL can store, and whose fields a query can ask for. */
public final class StorableJson {

  private static final String ESCAPE = "\\u";
  private static final int ESCAPED = ESCAPE.length() + 4;

  private final String what;
  private final String json;

  private StorableJson(String what, String json) {
    this.what = what;
    this.json = json;
  }

  /**
   * The length of a JSON text in UTF-8.
   *
   * @param what names the value in messages
   * @throws JsonException if it has a NUL or half a surrogate pair, as they are or escaped
   */
  public static long bytes(String what, String json) {
    return new StorableJson(what, json).bytes();
  }

  private long bytes() {
    long bytes = json.length();
    for (int at = 0; at < json.length(); at++) {
      char c = json.charAt(at);
      if (c == '\\') {
        at += escape(at);
      } else if (c >= 0x800) {
        bytes += 2;
        if (Character.isSurrogate(c)) {
          // Two characters, four bytes.
          requirePair(c, at + 1 < json.length() ? json.charAt(at + 1) : 0);
          at++;
        }
      } else if (c >= 0x80) {
        bytes++;
      }
    }
    return bytes;
  }

  /** Checks the escape that begins there; the number of characters that follow its backslash. */
  private int escape(int at) {
    if (!json.startsWith(ESCAPE, at)) {
      // An escaped backslash begins no other escape.
      return 1;
    }
    char c = escaped(at);
    if (c == 0) {
      throw new JsonException(
          "The "
              + what
              + " has a NUL character (\\u0000), which PostgreSQL cannot store. Remove it, or encode"
              + " binary data, for example as Base64.",
          null);
    }
    if (!Character.isSurrogate(c)) {
      return ESCAPED - 1;
    }
    requirePair(c, json.startsWith(ESCAPE, at + ESCAPED) ? escaped(at + ESCAPED) : 0);
    return 2 * ESCAPED - 1;
  }

  private char escaped(int at) {
    try {
      return (char) Integer.parseInt(json, at + ESCAPE.length(), at + ESCAPED, 16);
    } catch (NumberFormatException | IndexOutOfBoundsException malformed) {
      throw new JsonException("The " + what + " is not JSON.", malformed);
    }
  }

  private void requirePair(char first, int second) {
    if (!Character.isHighSurrogate(first) || !Character.isLowSurrogate((char) second)) {
      throw new JsonException(
          "The " + what + " has half a surrogate pair, which is not valid text.", null);
    }
  }
}
