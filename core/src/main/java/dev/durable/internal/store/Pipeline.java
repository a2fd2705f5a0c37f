package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Statements, each with one result, that are sent together: one round trip and one transaction
 * (PostgreSQL manual, 55.2.4 Pipelining).
 *
 * <p>What keeps it one: no statement but the first returns a column that may be of any length, like
 * {@code text} or {@code jsonb}; {@code name} will do. pgjdbc ends the transaction with a Sync
 * before a statement that does, lest both sides wait for each other with full buffers
 * (QueryExecutorImpl, "Deadlock avoidance"). {@code PipelineTest} listens for that.
 */
final class Pipeline {

  /** Binds one statement's parameters. */
  interface Binding {
    void to(Bind bind) throws SQLException;
  }

  /** Reads one statement's result. */
  interface Reading {
    void of(ResultSet result) throws SQLException;
  }

  private record Part(String text, Binding binding, Reading reading) {}

  private final List<Part> parts = new ArrayList<>();

  /** Adds a statement whose result nobody needs. */
  Pipeline add(String text, Binding binding) {
    return add(text, binding, result -> {});
  }

  /** Adds a statement. */
  Pipeline add(String text, Binding binding, Reading reading) {
    parts.add(new Part(text, binding, reading));
    return this;
  }

  /**
   * Sends them as one transaction, or within the caller's.
   *
   * @param doing what is being done, for messages
   */
  void execute(SqlRunner runner, String doing) {
    runner.call(
        doing,
        connection -> {
          execute(connection);
          return null;
        });
  }

  /** Sends them. */
  void execute(Connection connection) throws SQLException {
    // One alone keeps its text, whose hash the driver looks it up by.
    String text =
        parts.size() == 1
            ? parts.getFirst().text
            : String.join(";\n", parts.stream().map(Part::text).toList());
    try (PreparedStatement statement = Database.prepare(connection, text)) {
      Bind bind = new Bind(connection, statement);
      for (Part part : parts) {
        part.binding.to(bind);
      }
      statement.execute();
      for (int i = 0; i < parts.size(); i++) {
        if (i > 0) {
          statement.getMoreResults();
        }
        try (ResultSet result = statement.getResultSet()) {
          parts.get(i).reading.of(result);
        }
      }
    }
  }
}
