package dev.durable.benchmarks.driver;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** How {@link GroupCommit} writes: a batch is one round trip and one commit. */
interface BatchStatement extends AutoCloseable {

  /** The fingerprint of the executions' definition. */
  String FINGERPRINT = "0123456789abcdef0123456789abcdef";

  /** Opens a statement for each writer. */
  interface Opener {
    BatchStatement open(Connection connection) throws SQLException;
  }

  /** Writes and commits. */
  void write(List<Row> batch) throws SQLException;

  @Override
  void close() throws SQLException;
}
