package dev.durable.internal.store.jdbc;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs one transaction at a time: on any connection of the pool ({@link Database}), or on one that
 * is kept from call to call ({@link KeptConnection}).
 */
public abstract sealed class SqlRunner permits Database, KeptConnection {

  private static final int TRIES = 6;
  private static final int FIRST_PAUSE_MILLIS = 4;
  private static final int LONGEST_PAUSE_SHIFT = 6;

  /** Each connection of a pool may still have statements that its session no longer knows. */
  private static final int UNPREPARED_TRIES = 100;

  /** Work on a connection. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object> {
    /** Does it. */
    T on(Connection connection) throws SQLException;
  }

  /**
   * Runs one transaction, again after a short pause if the database asks for that (serialization
   * failure, deadlock, lock timeout), or had ended the session before. If the thread is interrupted
   * already, it is so again afterwards: until then that would close the connection of a virtual
   * thread, each time anew.
   *
   * @param doing what is being done, for messages: {@code claim work}
   * @throws DatabaseUnavailableException if there is no connection, or it broke
   * @throws DurableException if the database refuses the statement
   */
  public final <T extends @Nullable Object> T call(String doing, Work<T> work) {
    boolean interrupted = Thread.interrupted();
    try {
      return repeated(doing, work);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <T extends @Nullable Object> T repeated(String doing, Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(work);
      } catch (DurableException answer) {
        throw answer;
      } catch (SQLException | RuntimeException failure) {
        SqlFailure meaning = SqlFailure.of(failure);
        boolean unprepared = SqlFailure.isUnprepared(failure);
        boolean again =
            meaning == SqlFailure.AGAIN
                || meaning == SqlFailure.LOCKED
                || unprepared
                || SqlFailure.hadEnded(failure);
        if (!mayTryAgain() || !again || attempt == (unprepared ? UNPREPARED_TRIES : TRIES)) {
          throw SqlErrors.translate(doing, failure);
        }
        pause(attempt, doing, failure);
      }
    }
  }

  /** Waits for a random time, so that transactions that have collided do not collide again. */
  private static void pause(int attempt, String doing, Exception failure) {
    int most = FIRST_PAUSE_MILLIS << Math.min(attempt, LONGEST_PAUSE_SHIFT);
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(most / 2, most));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw SqlErrors.translate(doing, failure);
    }
  }

  /** Reads an answer. */
  @FunctionalInterface
  public interface Answer<T> {
    /** Reads its rows. */
    T of(ResultSet rows) throws SQLException;

    /** The first row, if there is one. */
    static <T> Answer<Optional<T>> first(Answer<T> row) {
      return rows -> rows.next() ? Optional.of(row.of(rows)) : Optional.empty();
    }

    /** All rows, in their order. */
    static <T> Answer<List<T>> all(Answer<T> row) {
      return rows -> {
        List<T> all = new ArrayList<>();
        while (rows.next()) {
          all.add(row.of(rows));
        }
        return all;
      };
    }
  }

  /**
   * Sends one statement and reads its answer, as a transaction of its own or within the caller's.
   *
   * @param doing what is being done, for messages
   */
  public final <T> T query(
      String doing, String text, Parameters.Binding binding, Answer<T> answer) {
    AtomicReference<@Nullable T> read = new AtomicReference<>();
    new Pipeline().add(text, binding, rows -> read.set(answer.of(rows))).execute(this, doing);
    return Objects.requireNonNull(read.get());
  }

  /**
   * Sends one statement, as a transaction of its own or within the caller's.
   *
   * @param doing what is being done, for messages
   */
  public final void update(String doing, String text, Parameters.Binding binding) {
    new Pipeline().add(text, binding).execute(this, doing);
  }

  abstract <T extends @Nullable Object> T once(Work<T> work) throws SQLException;

  /** The statements around a transaction of its own; null within the caller's. */
  abstract @Nullable TransactionFrame frame();

  /** Sends the hints of what has been committed. */
  abstract HintSender hints();

  abstract Pooler pooler();

  /** Whether a failure undoes nothing but the transaction itself. */
  abstract boolean mayTryAgain();
}
