package dev.durable.internal.transaction;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds statements in SQL text that would end the transaction. Inside functions and {@code do}
 * blocks PostgreSQL itself refuses them.
 */
public final class TransactionEnd {

  private static final Pattern END =
      Pattern.compile(
          "(?:^|;)[\\s(]*(commit|end|abort|prepare\\s+transaction"
              + "|rollback(?!\\s+(?:(?:work|transaction)\\s+)?to\\b))\\b",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern POSSIBLE =
      Pattern.compile("commit|end|abort|transaction|rollback", Pattern.CASE_INSENSITIVE);

  private TransactionEnd() {}

  /**
   * The first command that would end the transaction; null if there is none.
   *
   * @param backslashes whether a backslash escapes in an ordinary literal
   */
  public static @Nullable String in(String sql, boolean backslashes) {
    if (!POSSIBLE.matcher(sql).find()) {
      return null;
    }
    Matcher end = END.matcher(SqlText.visible(sql, backslashes));
    return end.find() ? end.group(1).toLowerCase(Locale.ROOT) : null;
  }
}
