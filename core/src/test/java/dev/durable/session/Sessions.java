package dev.durable.session;

import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** New sessions of a database, each with settings that the engine did not choose. */
final class Sessions extends PGSimpleDataSource {

  private static final long serialVersionUID = 1L;

  private final String first;

  private Sessions(TestDatabase db, String first) {
    this.first = first;
    setUrl(db.url());
    setUser(db.user());
    setPassword(db.password());
  }

  /** As the server gives them. */
  @SuppressWarnings("RefactorSwitch")
  static Sessions of(TestDatabase db) {
    return new Sessions(db, "");
  }

  /** With settings, in the way that is asked for. */
  @SuppressWarnings("RefactorSwitch")
  static Sessions of(TestDatabase db, List<Setting> settings, Setting.Way way, String role) {
    return switch (way) {
      case OPTIONS -> byOptions(db, settings);
      case ROLE -> ofRole(db, settings, role);
      case SET ->
          new Sessions(
              db,
              settings.stream()
                  .map(setting -> "set " + setting.assignment())
                  .collect(Collectors.joining("; ")));
    };
  }

  private static Sessions byOptions(TestDatabase db, List<Setting> settings) {
    Sessions sessions = new Sessions(db, "");
    sessions.setOptions(
        settings.stream()
            .map(setting -> "-c " + setting.name() + "=" + escaped(setting.value()))
            .collect(Collectors.joining(" ")));
    return sessions;
  }

  private static Sessions ofRole(TestDatabase db, List<Setting> settings, String role) {
    db.script("create role \"" + role + "\" superuser login password 'secret'");
    settings.forEach(
        setting -> db.script("alter role \"" + role + "\" set " + setting.assignment()));
    Sessions sessions = new Sessions(db, "");
    sessions.setUser(role);
    sessions.setPassword("secret");
    return sessions;
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace(" ", "\\ ");
  }

  @Override
  public Connection getConnection() throws SQLException {
    return getConnection(getUser(), getPassword());
  }

  @Override
  public Connection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    Connection connection = super.getConnection(user, password);
    if (!first.isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(first);
      }
    }
    return connection;
  }
}
