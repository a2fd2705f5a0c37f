package dev.durable.internal.store.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Reads the result of a statement that may have to be sent again. */
@FunctionalInterface
public interface Repetition {
  /** Reads it; true if the statement is to be sent once more. */
  boolean isToBeRepeated(ResultSet result) throws SQLException;
}
