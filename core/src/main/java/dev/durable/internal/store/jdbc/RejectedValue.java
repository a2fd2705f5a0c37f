package dev.durable.internal.store.jdbc;

import java.sql.SQLException;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** The failures that provably come from a value: the database can never store it. */
final class RejectedValue {

  private static final Set<String> INTEGRITY = Set.of("23502", "23503", "23505", "23514", "23P01");

  /** The states of a row that fits into no page of an index or a table. */
  private static final Set<String> LIMITS = Set.of("54000", "54001", "54011", "54023");

  private RejectedValue() {}

  static boolean isProvenBy(SQLException failure, String state) {
    if (state.startsWith("22") || INTEGRITY.contains(state)) {
      return true;
    }
    ServerErrorMessage message =
        failure instanceof PSQLException own ? own.getServerErrorMessage() : null;
    return message != null && LIMITS.contains(state) && namesARelation(message);
  }

  private static boolean namesARelation(ServerErrorMessage message) {
    return message.getTable() != null || message.getConstraint() != null || isTooLong(message);
  }

  /** The message about a text or JSON value that is too long for PostgreSQL names no relation. */
  private static boolean isTooLong(ServerErrorMessage message) {
    String routine = String.valueOf(message.getRoutine());
    return routine.contains("Jsonb")
        || routine.contains("jsonb")
        || routine.contains("Json")
        || routine.contains("StringInfo")
        || routine.contains("toast");
  }
}
