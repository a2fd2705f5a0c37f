package dev.durable.internal.store;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs one transaction at a time: on any connection of the pool ({@link Database}), or on one that
 * is kept from call to call ({@link KeptConnection}).
 */
public abstract sealed class SqlRunner permits Database, KeptConnection {

  private static final int TRIES = 6;
  private static final int FIRST_PAUSE_MILLIS = 4;

  /** Work on a connection. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object> {
    /** Does it. */
    T on(Connection connection) throws SQLException;
  }

  /**
   * Runs one transaction, again after a short pause if the database asks for that (serialization
   * failure, deadlock, lock timeout).
   *
   * @param doing what is being done, for messages: {@code claim work}
   * @throws DatabaseUnavailableException if there is no connection, or it broke
   * @throws DurableException if the database refuses the statement
   */
  public final <T extends @Nullable Object> T call(String doing, Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(work);
      } catch (DurableException answer) {
        throw answer;
      } catch (SQLException | RuntimeException failure) {
        Failure meaning = Failure.of(failure);
        boolean again = meaning == Failure.AGAIN || meaning == Failure.LOCKED;
        if (!mayTryAgain() || !again || attempt == TRIES) {
          throw SqlErrors.translate(doing, failure);
        }
        pause(attempt, doing, failure);
      }
    }
  }

  /** Those that have collided must not collide again. */
  private static void pause(int attempt, String doing, Exception failure) {
    int most = FIRST_PAUSE_MILLIS << attempt;
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(most / 2, most));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw SqlErrors.translate(doing, failure);
    }
  }

  abstract <T extends @Nullable Object> T once(Work<T> work) throws SQLException;

  /** What stands around a transaction of its own; null within the caller's. */
  abstract @Nullable Frame frame();

  /** Whether a failure undoes nothing but the transaction itself. */
  abstract boolean mayTryAgain();
}
