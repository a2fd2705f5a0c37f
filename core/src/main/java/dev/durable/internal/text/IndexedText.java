package dev.durable.internal.text;

import java.nio.charset.StandardCharsets;

/**
 * Text that an index of PostgreSQL holds. One of its entries takes at most 2,704 bytes; ids and
 * lengths take some of them, and a character takes up to three for each Java {@code char}.
 */
public final class IndexedText {

  /** The most bytes that texts in one entry of an index take together. */
  public static final int MOST_BYTES = 2_500;

  /** The most characters of a text that stands alone in an index, or with a node's name. */
  private static final int LONGEST = 500;

  private IndexedText() {}

  /** The bytes that texts take together. */
  public static int bytes(String... texts) {
    int bytes = 0;
    for (String text : texts) {
      bytes += text.getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }

  /** Whether an entry of an index holds texts together. */
  public static boolean fits(String... texts) {
    return bytes(texts) <= MOST_BYTES;
  }

  /**
   * Refuses a text that no index can hold.
   *
   * @param what begins the message
   * @throws IllegalArgumentException if it is blank, longer than 500 characters, or cannot be
   *     stored
   */
  public static String require(String text, String what) {
    if (text.isBlank() || text.length() > LONGEST || !StorableText.isStorable(text)) {
      throw new IllegalArgumentException(
          what
              + " must have 1 to "
              + LONGEST
              + " characters, not blank, without NUL and half surrogate pairs.");
    }
    return text;
  }
}
