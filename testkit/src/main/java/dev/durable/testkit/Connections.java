package dev.durable.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Where a dry run's transactions get their connections from. */
interface Connections {

  /** Runs a transaction, which asks for its connection if it needs one. */
  <R> R with(String path, Work<R> work) throws Exception;

  /** What a transaction does. */
  interface Work<R> {
    R with(Supplier<Connection> connection) throws Exception;
  }

  /** There are none. */
  Connections NONE =
      new Connections() {
        @Override
        public <R> R with(String path, Work<R> work) throws Exception {
          return work.with(
              () -> {
                throw new DryStop.Misuse(
                    new IllegalStateException(
                        "The transaction '"
                            + path
                            + "' asks for a connection, and a dry run has no database: give it one"
                            + " by connection(…) or dataSource(…), or stub the transaction."));
              });
        }
      };

  /** Always the same, whose transaction is the test's. */
  static Connections of(Connection connection) {
    return new Connections() {
      @Override
      public <R> R with(String path, Work<R> work) throws Exception {
        return work.with(() -> connection);
      }
    };
  }

  /** One for each transaction. */
  static Connections of(DataSource dataSource) {
    return new Connections() {
      @Override
      public <R> R with(String path, Work<R> work) throws Exception {
        try (Connection connection = dataSource.getConnection()) {
          connection.setAutoCommit(false);
          return ended(connection, () -> work.with(() -> connection));
        }
      }
    };
  }

  private static <R> R ended(Connection connection, Callable<R> work) throws Exception {
    boolean done = false;
    try {
      R result = work.call();
      connection.commit();
      done = true;
      return result;
    } finally {
      if (!done) {
        rollBack(connection);
      }
    }
  }

  private static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException lost) {
      // The body's failure says more.
    }
  }
}
