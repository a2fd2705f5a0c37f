package dev.durable.internal.client;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import dev.durable.internal.journal.Journal;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Waits for the database where a start has to look something up, as the start itself will: for as
 * long as {@link Journal#START_PATIENCE}.
 */
public final class DatabaseWait {

  /** Does not wait: the caller has a transaction, which the database's absence ends. */
  static final DatabaseWait NONE = new DatabaseWait(() -> {}, Duration.ZERO);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final Runnable requireOpen;
  private final Duration patience;

  /**
   * @param requireOpen fails once the instance is closed: the wait ends then
   */
  public DatabaseWait(Runnable requireOpen) {
    this(requireOpen, Journal.START_PATIENCE);
  }

  DatabaseWait(Runnable requireOpen, Duration patience) {
    this.requireOpen = requireOpen;
    this.patience = patience;
  }

  /** Looks until the database answers. */
  void until(Runnable look) {
    until(
        () -> {
          look.run();
          return true;
        });
  }

  /**
   * Looks until the database answers.
   *
   * @throws DatabaseUnavailableException if it stays away for too long
   * @throws DurableException if the thread is interrupted; it stays so
   */
  <T> T until(Supplier<T> look) {
    long since = System.nanoTime();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return look.get();
      } catch (DatabaseUnavailableException away) {
        if (System.nanoTime() - since + pause.toNanos() > patience.toNanos()) {
          throw away;
        }
        sleep(pause, away);
      }
      requireOpen.run();
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }
  }

  private static void sleep(Duration pause, DatabaseUnavailableException away) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      DurableException why =
          new DurableException(
              "Interrupted while a start waited for the database; nothing has been started.",
              interrupted);
      why.addSuppressed(away);
      throw why;
    }
  }
}
