package dev.durable.internal.store.jdbc;

import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Statements, each with one result, that are sent together: one round trip (PostgreSQL manual,
 * 55.2.4 Pipelining), or a few if some are to be repeated, and one transaction. As a transaction of
 * its own, it begins and commits explicitly within that round trip.
 */
public final class Pipeline {

  /** Binds one statement's parameters. */
  @FunctionalInterface
  public interface Binding {
    /** Binds them from left to right. */
    void to(Parameters bind) throws SQLException;
  }

  /** Reads one statement's result. */
  @FunctionalInterface
  public interface Reading {
    /** Reads it. */
    void of(ResultSet result) throws SQLException;
  }

  /** Reads the result of a statement that may have to be sent again. */
  @FunctionalInterface
  public interface Repetition {
    /** Reads it; true if the statement is to be sent once more. */
    boolean isToBeRepeated(ResultSet result) throws SQLException;
  }

  private record Part(
      String text, Binding binding, Repetition reading, boolean repeats, BooleanSupplier wanted) {}

  private final List<Part> parts = new ArrayList<>();
  private final Set<String> hints = new LinkedHashSet<>();

  /** Adds a statement whose result is not needed. */
  public Pipeline add(String text, Binding binding) {
    return add(text, binding, result -> {});
  }

  /** Adds a statement. */
  public Pipeline add(String text, Binding binding, Reading reading) {
    Repetition once =
        result -> {
          reading.of(result);
          return false;
        };
    parts.add(new Part(text, binding, once, false, () -> true));
    return this;
  }

  /**
   * Adds a statement that is sent with those before it, and then again by itself as long as its
   * result says so; each time it sees what others have committed meanwhile. The statements added
   * next, of which there must be one, are sent after that in the same transaction.
   */
  public Pipeline repeat(String text, Binding binding, Repetition reading) {
    parts.add(new Part(text, binding, reading, true, () -> true));
    return this;
  }

  /** Adds the statements of another pipeline, to be sent if earlier results say so. */
  public Pipeline addIf(BooleanSupplier wanted, Pipeline more) {
    for (Part part : more.parts) {
      parts.add(new Part(part.text, part.binding, part.reading, part.repeats, wanted));
    }
    return this;
  }

  /**
   * Collects the hints that readings add. {@link #execute} sends them after the commit; after the
   * other ways to send the statements, the caller does.
   */
  public Collection<String> hints() {
    return hints;
  }

  /** Adds a hint to be sent after the commit; none for null. For readings. */
  public void hint(@Nullable String hint) {
    if (hint != null) {
      hints.add(hint);
    }
  }

  /**
   * Sends them as one transaction, or within the caller's.
   *
   * @param doing what is being done, for messages
   */
  public void execute(SqlRunner runner, String doing) {
    runner.call(
        doing,
        connection -> {
          TransactionFrame frame = runner.frame();
          if (frame == null) {
            send(connection, Around.INSIDE, runner.pooler());
          } else {
            commit(connection, frame);
          }
          return null;
        });
    if (!hints.isEmpty()) {
      runner.hints().send(List.copyOf(hints));
    }
  }

  /** Sends them within a transaction that has begun. */
  public void within(Connection connection) throws SQLException {
    send(connection, Around.INSIDE, null);
  }

  /**
   * Begins a transaction with them; {@link #finish} commits it.
   *
   * @param connection in auto-commit mode
   */
  public void begin(Connection connection, TransactionFrame frame) throws SQLException {
    undone(connection, () -> send(connection, Around.beginning(frame), frame.pooler()));
  }

  /** Sends them as the last ones of a transaction that {@link #begin} has begun, and commits it. */
  public void finish(Connection connection) throws SQLException {
    undone(connection, () -> send(connection, Around.ENDING, null));
  }

  /**
   * Sends them as a transaction of its own, and commits it.
   *
   * @param connection in auto-commit mode
   */
  public void commit(Connection connection, TransactionFrame frame) throws SQLException {
    undone(connection, () -> send(connection, Around.whole(frame), frame.pooler()));
  }

  private interface Sending {
    void run() throws SQLException;
  }

  private static void undone(Connection connection, Sending sending) throws SQLException {
    try {
      sending.run();
    } catch (Throwable failure) {
      if (SqlFailure.leavesConnection(failure)) {
        rollBack(connection, failure);
      }
      throw failure;
    }
  }

  /** Rolls back a transaction that {@link #begin} has begun. */
  public static void rollBack(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("rollback");
    }
  }

  /** The driver, in auto-commit mode, has not begun this transaction and would not roll it back. */
  private static void rollBack(Connection connection, Throwable failure) throws SQLException {
    try {
      rollBack(connection);
    } catch (Throwable lost) {
      lost.addSuppressed(failure);
      throw lost;
    }
  }

  /**
   * The text that is sent around the statements.
   *
   * @param before empty, or statements and a line break
   * @param results how many results that has
   * @param settings which of them, counted from 1, names the session; 0 for none
   * @param after empty, or a line break and statements
   */
  private record Around(String before, int results, int settings, String after) {

    static final Around INSIDE =
        new Around(TransactionFrame.ENTERING + ";\n", 1, 0, ";\n" + TransactionFrame.LEAVING);
    static final Around ENDING = new Around("", 0, 0, ";\n" + TransactionFrame.CLOSING);

    static Around beginning(TransactionFrame frame) {
      return new Around(frame.opening() + ";\n", 2, 2, "");
    }

    static Around whole(TransactionFrame frame) {
      return new Around(frame.opening() + ";\n", 2, 2, ENDING.after);
    }

    /** The text around one round trip of several. */
    Around of(boolean first, boolean last) {
      return new Around(
          first ? before : "", first ? results : 0, first ? settings : 0, last ? after : "");
    }
  }

  private void send(Connection connection, Around around, @Nullable Pooler pooler)
      throws SQLException {
    hints.clear();
    List<Part> now = new ArrayList<>();
    boolean first = true;
    for (Part part : parts) {
      if (part.wanted.getAsBoolean()) {
        now.add(part);
        if (part.repeats) {
          boolean again = send(now, connection, around.of(first, false), pooler);
          while (again) {
            again = send(List.of(part), connection, around.of(false, false), pooler);
          }
          first = false;
          now.clear();
        }
      }
    }
    send(now, connection, around.of(first, true), pooler);
  }

  /**
   * One round trip.
   *
   * @return whether the last of the statements is to be sent once more
   */
  private static boolean send(
      List<Part> parts, Connection connection, Around around, @Nullable Pooler pooler)
      throws SQLException {
    PreparedStatement statement =
        connection.prepareStatement(around.before + text(parts) + around.after);
    boolean sent = false;
    try {
      if (pooler != null) {
        pooler.prepare(statement);
      }
      Parameters bind = new Parameters(connection, statement);
      for (Part part : parts) {
        part.binding.to(bind);
      }
      sent = true;
      boolean rows = statement.execute();
      return readAll(parts, statement, rows, around, connection, pooler);
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

  private static boolean readAll(
      List<Part> parts,
      PreparedStatement statement,
      boolean first,
      Around around,
      Connection connection,
      @Nullable Pooler pooler)
      throws SQLException {
    boolean rows = first;
    for (int i = 1; i <= around.results; i++) {
      if (i == around.settings && pooler != null) {
        compare(statement, connection, pooler);
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

  /** Reads the session's number. */
  private static void compare(PreparedStatement statement, Connection connection, Pooler pooler)
      throws SQLException {
    ResultSet settings = statement.getResultSet();
    if (settings != null && settings.next()) {
      pooler.compare(connection, settings.getInt(1));
    }
  }

  private static String text(List<Part> parts) {
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
