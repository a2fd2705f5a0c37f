package dev.durable.internal.journal;

import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds statements that would end the transaction in a text of SQL. Inside functions and {@code do}
 * blocks PostgreSQL itself refuses them.
 */
final class TransactionEnd {

  /** What may contain a semicolon or a word without meaning it; an unclosed one goes to the end. */
  private static final Pattern OPAQUE =
      Pattern.compile(
          "--[^\\n]*+"
              + "|/\\*(?s:.*?)(?:\\*/|\\z)"
              + "|(?i:\\bE)'(?:[^'\\\\]++|\\\\(?s:.)|'')*+(?:'|\\z)"
              + "|'[^']*+(?:'|\\z)"
              + "|\"[^\"]*+(?:\"|\\z)"
              + "|(\\$(?:[A-Za-z_\\x80-\\uffff][\\w\\x80-\\uffff]*)?\\$)(?s:.*?)(?:\\1|\\z)");

  private static final Pattern END =
      Pattern.compile(
          "(?:^|;)[\\s(]*(commit|end|abort|prepare\\s+transaction"
              + "|rollback(?!\\s+(?:(?:work|transaction)\\s+)?to\\b))\\b",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern POSSIBLE =
      Pattern.compile("commit|end|abort|transaction|rollback", Pattern.CASE_INSENSITIVE);

  private TransactionEnd() {}

  /** The first command that would end the transaction; null if there is none. */
  static @Nullable String in(String sql) {
    if (!POSSIBLE.matcher(sql).find()) {
      return null;
    }
    // A literal keeps its place, so that what stands before and after it does not become one word.
    Matcher end = END.matcher(OPAQUE.matcher(sql).replaceAll(TransactionEnd::blank));
    return end.find() ? end.group(1).toLowerCase(Locale.ROOT) : null;
  }

  private static String blank(MatchResult opaque) {
    char first = opaque.group().charAt(0);
    return first == '-' || first == '/' ? " " : " x ";
  }
}
