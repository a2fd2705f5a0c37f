package dev.durable.internal.transaction;

import dev.durable.internal.journal.FencedException;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.TransactionFrame;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.JournalStore;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a commit whose answer was lost has happened. It asks until the database
 * answers, however long that takes.
 */
final class LostCommit {

  private static final Logger LOG = LoggerFactory.getLogger(LostCommit.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final Database database;
  private final TransactionFrame frame;
  private final JournalStore store;

  LostCommit(Database database, TransactionFrame frame, JournalStore store) {
    this.database = database;
    this.frame = frame;
    this.store = store;
  }

  /**
   * Asks until there is an answer, or the run is no longer needed.
   *
   * @param lost the failure that lost the answer
   * @throws FencedException if the execution was taken over
   */
  boolean isCommitted(Entry entry, String path, Throwable lost, TransactionAttempt<?> attempt) {
    Throwable failure = lost;
    Duration pause = FIRST_PAUSE;
    long nextLine = System.nanoTime();
    while (true) {
      // An interrupt is meant for the body; it must not cost the next connection, too.
      Thread.interrupted();
      attempt.requireWanted();
      try {
        return isCommitted(entry);
      } catch (FencedException taken) {
        throw taken;
      } catch (Throwable unanswered) {
        failure = unanswered;
      }
      if (System.nanoTime() - nextLine >= 0) {
        nextLine = System.nanoTime() + BETWEEN_LINES.toNanos();
        LOG.warn(
            "Whether a transaction was committed is not known yet; asking again:"
                + " execution={} step={} cause={}",
            entry.owner().id(),
            path,
            failure.toString());
      }
      rest(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private boolean isCommitted(Entry entry) {
    return switch (database.call(
        "ask whether a transaction was committed", other -> store.outcome(other, frame, entry))) {
      case COMMITTED -> true;
      case ABSENT -> false;
      case FENCED ->
          throw new FencedException(
              "Execution " + entry.owner().id() + " was taken over during a commit.");
    };
  }

  private static void rest(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException woken) {
      // The loop checks next whether the run is still needed.
    }
  }
}
