package dev.durable.internal.transaction;

import java.util.regex.Pattern;

/**
 * Finds SQL that may change the session beyond its transaction: settings, locks, temporary tables
 * and the like. A false alarm costs a connection; a miss harms the application that gets the
 * connection next.
 */
public final class SessionChange {

  private static final Pattern COMMAND =
      Pattern.compile(
          "(?:^|;)[\\s(]*(?:set(?!\\s+(?:local|transaction|constraints)\\b)|reset|discard|listen"
              + "|unlisten|prepare|deallocate|load)\\b"
              + "|\\b(?:create|into)\\s+(?:or\\s+replace\\s+)?(?:(?:local|global)\\s+)?temp(?:orary)?\\b"
              + "|\\bwith\\s+hold\\b",
          Pattern.CASE_INSENSITIVE);

  /** In any quotes, and in any block. */
  private static final Pattern ANYWHERE =
      Pattern.compile(
          "\\bpg_(?:try_)?advisory_(?:lock|unlock)|\\bpg_temp\\b", Pattern.CASE_INSENSITIVE);

  /** Calls within the arguments, and calls within theirs. */
  private static final String CALLS =
      "(?:[^()]*+\\((?:[^()]++|\\((?:[^()]++|\\([^()]*+\\))*+\\))*+\\))*+";

  private static final Pattern FOR_THE_TRANSACTION =
      Pattern.compile(
          "set_config\\s*\\(" + CALLS + "[^()]*,\\s*true\\s*\\)", Pattern.CASE_INSENSITIVE);

  private static final Pattern SETTING =
      Pattern.compile("\\bset_config\\b", Pattern.CASE_INSENSITIVE);

  private static final Pattern BLOCK =
      Pattern.compile("(?:^|;)\\s*do\\b", Pattern.CASE_INSENSITIVE);

  private static final Pattern IN_BLOCK =
      Pattern.compile(
          "(?:\\bset|\\breset|\\bset_config|\\blisten|\\bprepare|\\btemp|\\btemporary|\\bdiscard)\\b",
          Pattern.CASE_INSENSITIVE);

  /** Functions and settings by which a body may end its own connection. */
  private static final Pattern END_OF_THE_CONNECTION =
      Pattern.compile(
          "pg_terminate_backend|idle_in_transaction_session_timeout|transaction_timeout",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern ROLE =
      Pattern.compile("\\brole\\b|\\bsession\\s+authorization\\b", Pattern.CASE_INSENSITIVE);

  private static final Pattern READ_ONLY =
      Pattern.compile("\\bread\\s+only\\b|_read_only\\b", Pattern.CASE_INSENSITIVE);

  private SessionChange() {}

  /** Whether the text may change the session. */
  public static boolean in(String sql, boolean backslashes) {
    if (ANYWHERE.matcher(sql).find()) {
      return true;
    }
    String visible = SqlText.visible(sql, backslashes);
    return COMMAND.matcher(visible).find()
        || setsForTheSession(sql, visible)
        || (BLOCK.matcher(visible).find() && IN_BLOCK.matcher(sql).find());
  }

  private static boolean setsForTheSession(String sql, String visible) {
    return SETTING.matcher(sql).find()
        && SETTING.matcher(sql).results().count()
            > FOR_THE_TRANSACTION.matcher(visible).results().count();
  }

  /** Whether the text may end its own connection. */
  static boolean endsConnection(String sql) {
    return END_OF_THE_CONNECTION.matcher(sql).find();
  }

  /** Whether the text may change the rights of later statements. */
  static boolean ofTheRole(String sql) {
    return ROLE.matcher(sql).find();
  }

  /** Whether the text may keep later statements from writing. */
  static boolean toReadOnly(String sql) {
    return READ_ONLY.matcher(sql).find();
  }
}
