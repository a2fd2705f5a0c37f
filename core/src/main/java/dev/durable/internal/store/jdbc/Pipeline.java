package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Statements, each with one result, that are sent together: one round trip (PostgreSQL manual,
 * 55.2.4 Pipelining), or a few if some are to be repeated, and one transaction. As a transaction of
 * its own, it begins and commits explicitly within that round trip.
 */
public final class Pipeline {

  /** Reads one statement's result. */
  @FunctionalInterface
  public interface Reading {
    /** Reads it. */
    void of(ResultSet result) throws SQLException;
  }

  /**
   * A statement of the pipeline.
   *
   * @param last whether it is the last of a round trip
   * @param repeats whether it is then sent again by itself as long as its result says so
   * @param wanted whether it is sent at all
   */
  private record Planned(
      RoundTrip.Part part, boolean last, boolean repeats, BooleanSupplier wanted) {}

  private final List<Planned> parts = new ArrayList<>();
  private final Set<String> hints = new LinkedHashSet<>();
  private @Nullable Instant time;

  /** Adds a statement whose result is not needed. */
  public Pipeline add(String text, Parameters.Binding binding) {
    return add(text, binding, result -> {});
  }

  /** Adds a statement. */
  public Pipeline add(String text, Parameters.Binding binding, Reading reading) {
    Repetition once =
        result -> {
          reading.of(result);
          return false;
        };
    parts.add(new Planned(new RoundTrip.Part(text, binding, once), false, false, () -> true));
    return this;
  }

  /**
   * Adds a statement that is sent with those before it, and then again by itself as long as its
   * result says so; each time it sees what others have committed meanwhile. The statements added
   * next, of which there must be one, are sent after that in the same transaction.
   */
  public Pipeline repeat(String text, Parameters.Binding binding, Repetition reading) {
    parts.add(new Planned(new RoundTrip.Part(text, binding, reading), true, true, () -> true));
    return this;
  }

  /** Adds the statements of another pipeline, to be sent if earlier results say so. */
  public Pipeline addIf(BooleanSupplier wanted, Pipeline more) {
    for (Planned planned : more.parts) {
      parts.add(new Planned(planned.part, planned.last, planned.repeats, wanted));
    }
    return this;
  }

  /**
   * Sends what has been added until now in a round trip of its own. Statements that are sent
   * together are planned together: those that are sent often must not be planned anew whenever
   * others beside them come or go. There must be one more statement after it.
   */
  public Pipeline apart() {
    Planned end = parts.removeLast();
    parts.add(new Planned(end.part, true, end.repeats, end.wanted));
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
            send(connection, RoundTrip.Around.INSIDE, runner.pooler());
          } else {
            commit(connection, frame);
          }
          return null;
        });
    if (!hints.isEmpty()) {
      runner.hints().send(List.copyOf(hints));
    }
  }

  /**
   * Gives the statements a time of the database: for a transaction that began before the code of a
   * user ran. Others take the begin of the transaction.
   */
  public Pipeline at(Instant time) {
    this.time = time;
    return this;
  }

  /** Sends them within a transaction that has begun. */
  public void within(Connection connection) throws SQLException {
    send(connection, RoundTrip.Around.INSIDE, null);
  }

  /**
   * Begins a transaction with them; {@link #finish} commits it.
   *
   * @param connection in auto-commit mode
   */
  public void begin(Connection connection, TransactionFrame frame) throws SQLException {
    undone(connection, () -> send(connection, RoundTrip.Around.beginning(frame), frame.pooler()));
  }

  /** Sends them as the last ones of a transaction that {@link #begin} has begun, and commits it. */
  public void finish(Connection connection) throws SQLException {
    undone(connection, () -> send(connection, RoundTrip.Around.ENDING, null));
  }

  /**
   * Sends them as a transaction of its own, and commits it.
   *
   * @param connection in auto-commit mode
   */
  public void commit(Connection connection, TransactionFrame frame) throws SQLException {
    undone(connection, () -> send(connection, RoundTrip.Around.whole(frame), frame.pooler()));
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

  private void send(Connection connection, RoundTrip.Around around, @Nullable Pooler pooler)
      throws SQLException {
    hints.clear();
    List<RoundTrip.Part> now = new ArrayList<>();
    boolean first = true;
    for (Planned planned : parts) {
      if (planned.wanted.getAsBoolean()) {
        now.add(planned.part);
        if (planned.last) {
          boolean again =
              new RoundTrip(now, around.of(first, false), time).send(connection, pooler);
          while (again && planned.repeats) {
            again =
                new RoundTrip(List.of(planned.part), around.of(false, false), time)
                    .send(connection, pooler);
          }
          first = false;
          now.clear();
        }
      }
    }
    new RoundTrip(now, around.of(first, true), time).send(connection, pooler);
  }
}
