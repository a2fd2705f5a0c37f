package dev.durable.hints;

import dev.durable.internal.store.jdbc.Schema;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Listens to the hints for workers. */
final class Heard implements AutoCloseable {

  private static final String CHANNEL = new Schema("durable").channel();
  private final TestDatabase database;
  private final Connection connection;
  private final List<String> payloads = new ArrayList<>();

  Heard(TestDatabase database) throws SQLException {
    this.database = database;
    this.connection = database.newConnection();
    execute("listen \"" + CHANNEL + "\"");
  }

  /** Sends workers a hint. */
  static void tell(TestDatabase database, String payload) {
    database.rows("select pg_notify(?, ?)::text", CHANNEL, payload);
  }

  /** All hints so far: those committed before our own mark come before it. */
  List<String> now() {
    String mark = "mark " + UUID.randomUUID();
    tell(database, mark);
    Gate.until(() -> hears(mark));
    return payloads.stream().filter(each -> !each.startsWith("mark ")).toList();
  }

  boolean hears(String payload) {
    try {
      PGNotification[] received = connection.unwrap(PGConnection.class).getNotifications(50);
      for (PGNotification each : received == null ? new PGNotification[0] : received) {
        payloads.add(each.getParameter());
      }
      return payloads.contains(payload);
    } catch (SQLException lost) {
      throw new IllegalStateException(lost);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
