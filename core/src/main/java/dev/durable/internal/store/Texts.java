package dev.durable.internal.store;

/** Text that PostgreSQL can store. */
public final class Texts {

  private static final int LONGEST = 4_000;

  private Texts() {}

  /**
   * The text without what jsonb or UTF-8 cannot hold (NUL, unpaired surrogates), and cut to a few
   * thousand characters.
   */
  public static String storable(String text) {
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "… [cut]" : text;
    StringBuilder clean = new StringBuilder(cut.length());
    cut.codePoints()
        .forEach(
            point ->
                clean.appendCodePoint(
                    point == 0
                            || (point >= Character.MIN_SURROGATE
                                && point <= Character.MAX_SURROGATE)
                        ? 0xFFFD
                        : point));
    return clean.toString();
  }
}
