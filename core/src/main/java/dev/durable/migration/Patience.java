package dev.durable.migration;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;

/** How often, and with what pauses, is tried again what the locks of others have stopped. */
final class Patience {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
  private static final int ATTEMPTS = 8;

  /** lock_not_available, deadlock_detected, and an index whose build lost against a deadlock. */
  private static final Set<String> LOCKED = Set.of("55P03", "40P01");

  private int attempts;

  /** Whether others' locks were the reason. */
  static boolean isLocked(SQLException failure) {
    return LOCKED.contains(String.valueOf(failure.getSQLState()));
  }

  /**
   * Waits before another attempt.
   *
   * @throws SQLException the failure, if it is not to be tried again
   */
  void next(SQLException failure) throws SQLException {
    if (!isLocked(failure) || ++attempts >= ATTEMPTS) {
      throw failure;
    }
    pause(FIRST_PAUSE.multipliedBy(1L << attempts), LONGEST_PAUSE);
  }

  /** Waits before another look whether a lock is free; it takes as long as it takes. */
  void untilFree() throws SQLException {
    pause(FIRST_PAUSE.multipliedBy(1L << Math.min(attempts++, ATTEMPTS)), BETWEEN_LOOKS);
  }

  private static void pause(Duration wanted, Duration longest) throws SQLException {
    try {
      Thread.sleep(wanted.compareTo(longest) < 0 ? wanted : longest);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new SQLException("Interrupted while waiting for a lock.", "57014", interrupted);
    }
  }
}
