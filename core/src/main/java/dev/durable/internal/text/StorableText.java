package dev.durable.internal.text;

/** Text that PostgreSQL can store. */
public final class StorableText {

  private static final int LONGEST = 4_000;

  private StorableText() {}

  /**
   * Whether PostgreSQL stores a text unchanged: the driver makes question marks of unpaired
   * surrogates.
   */
  public static boolean isStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      int point = text.codePointAt(i);
      if (!isStorable(point)) {
        return false;
      }
      i += Character.charCount(point) - 1;
    }
    return true;
  }

  private static boolean isStorable(int point) {
    return point != 0 && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE);
  }

  /**
   * The text without characters that jsonb or UTF-8 cannot hold (NUL, unpaired surrogates), cut to
   * a few thousand characters.
   */
  public static String storable(String text) {
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "… [cut]" : text;
    StringBuilder clean = new StringBuilder(cut.length());
    cut.codePoints().forEach(point -> clean.appendCodePoint(isStorable(point) ? point : 0xFFFD));
    return clean.toString();
  }
}
