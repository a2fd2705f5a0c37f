package dev.durable.internal.transaction;

/**
 * Reads SQL text as PostgreSQL's lexer does (manual, 4.1): comments, literals and quoted names are
 * blanked, so that keywords, names and semicolons are left.
 */
final class SqlText {

  private final String sql;
  private final SqlQuotes quotes;
  private final boolean backslashes;
  private final StringBuilder visible;
  private int at;

  private SqlText(String sql, boolean backslashes) {
    this.sql = sql;
    this.quotes = new SqlQuotes(sql);
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
        opaque(quotes.literalEnd(at, backslashes));
      } else if (next == '"') {
        opaque(quotes.closing("\"", at + 1));
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

  private void lineComment() {
    while (at < sql.length() && !SqlQuotes.isNewline(sql.charAt(at))) {
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
      opaque(quotes.closing(tag, end + 1));
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
      opaque(quotes.literalEnd(at, true));
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
}
