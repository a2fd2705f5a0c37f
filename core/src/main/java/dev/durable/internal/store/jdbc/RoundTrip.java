package dev.durable.internal.store.jdbc;

import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Statements that are sent together, and whose results are then read.
 *
 * @param around what is sent with them
 * @param time the database's time, or null for the begin of the transaction
 */
record RoundTrip(List<Part> parts, Around around, @Nullable Instant time) {

  /** A statement with one result. */
  record Part(String text, Parameters.Binding binding, Repetition reading) {}

  /**
   * The text that is sent around the statements.
   *
   * @param before empty, or statements and a line break
   * @param results how many results that has
   * @param frame gets the last of them; null if there is none for it
   * @param after empty, or a line break and statements
   */
  record Around(String before, int results, @Nullable TransactionFrame frame, String after) {

    static final Around INSIDE =
        new Around(TransactionFrame.ENTERING + ";\n", 1, null, ";\n" + TransactionFrame.LEAVING);
    static final Around ENDING = new Around("", 0, null, ";\n" + TransactionFrame.CLOSING);

    static Around beginning(TransactionFrame frame) {
      return new Around(frame.opening() + ";\n", 2, frame, "");
    }

    static Around whole(TransactionFrame frame) {
      return new Around(frame.opening() + ";\n", 2, frame, ENDING.after);
    }

    /** The text around one round trip of several. */
    Around of(boolean first, boolean last) {
      return new Around(
          first ? before : "", first ? results : 0, first ? frame : null, last ? after : "");
    }
  }

  /**
   * Sends the statements and reads their results.
   *
   * @return whether the last of the statements is to be sent once more
   */
  boolean send(Connection connection, @Nullable Pooler pooler) throws SQLException {
    PreparedStatement statement =
        connection.prepareStatement(around.before + text() + around.after);
    boolean sent = false;
    try {
      if (pooler != null) {
        pooler.prepare(statement, around.frame == null);
      }
      Parameters bind = new Parameters(connection, statement, time);
      for (Part part : parts) {
        bind(part, bind);
      }
      sent = true;
      boolean rows = statement.execute();
      return readAll(statement, rows, connection);
    } catch (Throwable failure) {
      if (sent && !isTheAnswer(failure)) {
        throw new SQLException(
            "the answer is missing or could not be read: " + failure.getMessage(),
            SqlFailure.UNREAD,
            failure);
      }
      throw failure;
    } finally {
      close(statement);
    }
  }

  /** A failure to make a value, or to write it, says nothing about the connection. */
  private static void bind(Part part, Parameters bind) throws SQLException {
    try {
      part.binding.to(bind);
    } catch (RuntimeException failure) {
      throw SqlFailure.ofOwnCode("A value cannot be sent to the database", failure);
    }
  }

  private boolean readAll(PreparedStatement statement, boolean first, Connection connection)
      throws SQLException {
    boolean rows = first;
    for (int i = 1; i <= around.results; i++) {
      if (i == around.results && around.frame != null) {
        answered(statement, connection, around.frame);
      }
      rows = statement.getMoreResults();
    }
    boolean again = false;
    for (int i = 0; i < parts.size(); i++) {
      if (i > 0) {
        rows = statement.getMoreResults();
      }
      again = read(parts.get(i), rows ? statement.getResultSet() : null);
    }
    return again;
  }

  /**
   * Whether a failure is an answer of the server, or of a reading. Any other failure after the
   * statements were sent only means that the answer is missing: it is no refusal.
   */
  private static boolean isTheAnswer(Throwable failure) {
    return SqlFailure.isAnswer(failure)
        || (failure instanceof DurableException && SqlFailure.sql(failure) == null);
  }

  /** Closes a statement; an answer that has been read stays valid if that fails. */
  private static void close(PreparedStatement statement) {
    try {
      statement.close();
    } catch (Throwable broken) {
      // The connection's next use shows whether it still works.
    }
  }

  private static void answered(
      PreparedStatement statement, Connection connection, TransactionFrame frame)
      throws SQLException {
    ResultSet settings = statement.getResultSet();
    if (settings != null) {
      frame.answered(connection, settings);
    }
  }

  private String text() {
    return parts.size() == 1
        ? parts.getFirst().text
        : parts.stream().map(Part::text).collect(Collectors.joining(";\n"));
  }

  private static boolean read(Part part, @Nullable ResultSet result) throws SQLException {
    if (result == null) {
      return false;
    }
    try (result) {
      return part.reading.isToBeRepeated(result);
    }
  }
}
