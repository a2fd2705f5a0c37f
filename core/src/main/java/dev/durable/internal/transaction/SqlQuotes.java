package dev.durable.internal.transaction;

/**
 * Finds where quoted parts of an SQL text end.
 *
 * @param sql the text
 */
record SqlQuotes(String sql) {

  /** The end of a part that a closing text ends; without one, the end of the SQL. */
  int closing(String text, int from) {
    int found = sql.indexOf(text, from);
    return found < 0 ? sql.length() : found + text.length();
  }

  /**
   * The end of a literal.
   *
   * @param begin the place of its first quote
   * @param escapes whether a backslash escapes in it
   */
  int literalEnd(int begin, boolean escapes) {
    int end = begin;
    do {
      end = closingQuote(end + 1, escapes);
      // Literals with nothing but a new line between them are one, of the first one's kind.
    } while (escapes && (end = continued(end)) < sql.length() && sql.charAt(end) == '\'');
    return end;
  }

  private int closingQuote(int from, boolean escapes) {
    int end = from;
    while (end < sql.length()) {
      char next = sql.charAt(end);
      if (next == '\'') {
        return end + 1;
      }
      end += escapes && next == '\\' ? 2 : 1;
    }
    return sql.length();
  }

  /** The place of the literal that continues this one, or else of the next part. */
  private int continued(int end) {
    int next = end;
    boolean newline = false;
    while (next < sql.length()) {
      char here = sql.charAt(next);
      if (Character.isWhitespace(here)) {
        newline |= isNewline(here);
        next++;
      } else if (sql.startsWith("--", next)) {
        while (next < sql.length() && !isNewline(sql.charAt(next))) {
          next++;
        }
      } else {
        break;
      }
    }
    boolean continues = newline && next < sql.length() && sql.charAt(next) == '\'';
    return continues ? next : end;
  }

  static boolean isNewline(char next) {
    return next == '\n' || next == '\r';
  }
}
