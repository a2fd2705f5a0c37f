package dev.durable.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;

/** All that the next user of a pooled connection may meet. */
record SessionState(Map<String, String> values) {

  /** What is read of a session. */
  interface Reading<T> {
    T of(Connection connection) throws SQLException;
  }

  /** The state of every connection of a pool, by its session's process. */
  static Map<Integer, SessionState> of(DataSource pool) throws SQLException {
    return ofEach(pool, SessionState::of);
  }

  /** Reads something of every connection of a pool, by its session's process. */
  static <T> Map<Integer, T> ofEach(DataSource pool, Reading<T> reading) throws SQLException {
    Map<Integer, T> states = new HashMap<>();
    List<Connection> open = new ArrayList<>();
    try {
      for (int i = 0; i < Pool.SIZE; i++) {
        Connection connection = pool.getConnection();
        open.add(connection);
        try {
          states.put(connection.unwrap(PGConnection.class).getBackendPID(), reading.of(connection));
        } catch (SQLException failure) {
          // A session that the server has ended meanwhile is of no use to the next user either.
          if (connection.isValid(10)) {
            throw failure;
          }
        }
      }
    } finally {
      open.forEach(SessionState::giveBack);
    }
    return states;
  }

  /** Gives a connection back to its pool, which may refuse one whose session has ended. */
  private static void giveBack(Connection connection) {
    try (connection) {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    } catch (SQLException ended) {
      // There is no session that anybody could meet.
    }
  }

  private static SessionState of(Connection connection) throws SQLException {
    Map<String, String> values = new TreeMap<>();
    values.put("JDBC auto-commit", "" + connection.getAutoCommit());
    values.put("JDBC read-only", "" + connection.isReadOnly());
    values.put("JDBC network timeout", "" + connection.getNetworkTimeout());
    values.put("JDBC holdability", "" + connection.getHoldability());
    values.put("transaction", "" + connection.unwrap(BaseConnection.class).getTransactionState());
    values.put("JDBC isolation", "" + connection.getTransactionIsolation());
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              "select s.name, s.setting from pg_catalog.pg_settings s order by s.name")) {
        while (rows.next()) {
          values.put(rows.getString(1), String.valueOf(rows.getString(2)));
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              "select c.channel from pg_catalog.pg_listening_channels() c(channel)")) {
        while (rows.next()) {
          values.put("listens to " + rows.getString(1), "yes");
        }
      }
      // The application's own role and temporary tables would be left behind as well.
      try (ResultSet rows =
          statement.executeQuery(
              "select pg_catalog.pg_my_temp_schema()::pg_catalog.text, current_user::pg_catalog.text")) {
        rows.next();
        values.put("temporary schema", rows.getString(1));
        values.put("user", rows.getString(2));
      }
    }
    return new SessionState(values);
  }

  /** What is not as it was found; a session that is new since then is like the others were. */
  static List<String> changes(Map<Integer, SessionState> before, Map<Integer, SessionState> after) {
    SessionState any = before.values().iterator().next();
    List<String> changes = new ArrayList<>();
    after.forEach(
        (process, state) -> {
          Map<String, String> then = before.getOrDefault(process, any).values();
          state.values.forEach(
              (name, now) -> {
                String was = then.getOrDefault(name, "-");
                if (!was.equals(now)) {
                  changes.add(name + ": " + was + " -> " + now);
                }
              });
        });
    return changes.stream().sorted().distinct().toList();
  }
}
