package dev.durable.internal.transaction;

/**
 * Reads SQL text as PostgreSQL's lexer does (manual, 4.1): comments, literals and quoted names are
 * blanked, so that keywords, names and semicolons are left.
 */
final class SqlText {

  private final String sql;
  private final boolean backslashes;
  private final StringBuilder visible;
  private int at;

  private SqlText(String sql, boolean backslashes) {
    this.sql = sql;
    this.backslashes = backslashes;
    this.visible = new StringBuilder(sql.length());
  }

  /**
   * The text without opaque parts. A literal keeps its place, so that the words before and after it
   * do not become one.
   *
   * @param backslashes whether a backslash escapes in an ordinary literal, too
   *     (standard_conforming_strings is off)
   */
  static String visible(String sql, boolean backslashes) {
    return new SqlText(sql, backslashes).read();
  }

  private String read() {
    while (at < sql.length()) {
      char next = sql.charAt(at);
      if (sql.startsWith("--", at)) {
        lineComment();
      } else if (sql.startsWith("/*", at)) {
        blockComment();
      } else if (next == '\'') {
        literal(backslashes);
      } else if (next == '"') {
        opaque(closing("\"", at + 1));
      } else if (next == '$') {
        dollar();
      } else if (startsName(next)) {
        name();
      } else {
        visible.append(next);
        at++;
      }
    }
    return visible.toString();
  }

  private void opaque(int end) {
    visible.append(" x ");
    at = end;
  }

  /** The end of a part that a closing text ends; without one, the end of the SQL. */
  private int closing(String text, int from) {
    int found = sql.indexOf(text, from);
    return found < 0 ? sql.length() : found + text.length();
  }

  private void lineComment() {
    while (at < sql.length() && !isNewline(sql.charAt(at))) {
      at++;
    }
    visible.append(' ');
  }

  /** PostgreSQL's comments nest. */
  private void blockComment() {
    int depth = 0;
    do {
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < sql.length());
    visible.append(' ');
  }

  private void literal(boolean escapes) {
    int end = at;
    do {
      end = closingQuote(end + 1, escapes);
      // Literals with nothing but a new line between them are one, of the first one's kind.
    } while (escapes && (end = continued(end)) < sql.length() && sql.charAt(end) == '\'');
    opaque(end);
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

  /** A quoting tag, or a parameter, whose number does not belong to a tag. */
  private void dollar() {
    int end = at + 1;
    if (end < sql.length() && startsName(sql.charAt(end))) {
      while (end < sql.length() && continuesTag(sql.charAt(end))) {
        end++;
      }
    }
    if (end < sql.length() && sql.charAt(end) == '$') {
      String tag = sql.substring(at, end + 1);
      opaque(closing(tag, end + 1));
    } else {
      visible.append('$');
      at++;
    }
  }

  /** A dollar within a name begins nothing. */
  private void name() {
    int begin = at;
    while (at < sql.length() && (continuesTag(sql.charAt(at)) || sql.charAt(at) == '$')) {
      at++;
    }
    boolean escaped =
        at == begin + 1
            && (sql.charAt(begin) == 'e' || sql.charAt(begin) == 'E')
            && at < sql.length()
            && sql.charAt(at) == '\'';
    visible.append(sql, begin, at);
    if (escaped) {
      literal(true);
    }
  }

  private static boolean startsName(char next) {
    return (next >= 'a' && next <= 'z')
        || (next >= 'A' && next <= 'Z')
        || next == '_'
        || next >= 0x80;
  }

  private static boolean continuesTag(char next) {
    return startsName(next) || (next >= '0' && next <= '9');
  }

  private static boolean isNewline(char next) {
    return next == '\n' || next == '\r';
  }
}
