package dev.durable.plans;

import dev.durable.testing.Proxies;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Explains a statement just before it is executed, with its parameters, and undoes that: how many
 * buffers PostgreSQL reads for it. The statement must be the only one with parameters.
 */
final class Measured {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Connection connection;
  private final String part;
  private @Nullable JsonNode plan;

  /**
   * @param connection within a transaction
   * @param part what the statement contains
   */
  Measured(Connection connection, String part) {
    this.connection = connection;
    this.part = part;
  }

  /** The connection to use. */
  Connection connection() {
    return Proxies.of(
        Connection.class,
        (method, arguments) ->
            method.getName().equals("prepareStatement") && text(arguments).contains(part)
                ? measured(
                    text(arguments),
                    (PreparedStatement) Proxies.call(connection, method, arguments))
                : Proxies.call(connection, method, arguments));
  }

  /** How many buffers the last execution hit or read. */
  long buffers() {
    JsonNode last = plan();
    return last.path("Shared Hit Blocks").asLong() + last.path("Shared Read Blocks").asLong();
  }

  /** The plan of the last execution. */
  JsonNode plan() {
    JsonNode last = plan;
    if (last == null) {
      throw new IllegalStateException("not executed: " + part);
    }
    return last;
  }

  private PreparedStatement measured(String text, PreparedStatement real) {
    List<Setting> settings = new ArrayList<>();
    return Proxies.of(
        PreparedStatement.class,
        (method, arguments) -> {
          if (method.getName().startsWith("set") && arguments[0] instanceof Integer) {
            settings.add(explain -> Proxies.call(explain, method, arguments));
          } else if (method.getName().equals("execute")) {
            explain(text, settings);
          }
          return Proxies.call(real, method, arguments);
        });
  }

  /** A parameter, to be set once more. */
  private interface Setting {
    void on(PreparedStatement explain) throws Throwable;
  }

  private void explain(String text, List<Setting> settings) throws Throwable {
    String alone =
        Stream.of(text.split(";\n")).filter(t -> t.contains(part)).findFirst().orElseThrow();
    Savepoint before = connection.setSavepoint();
    try (PreparedStatement explain =
        connection.prepareStatement(
            "explain (analyze, buffers, timing off, format json) " + alone)) {
      for (Setting setting : settings) {
        setting.on(explain);
      }
      try (ResultSet row = explain.executeQuery()) {
        row.next();
        plan = JSON.readTree(row.getString(1)).get(0).get("Plan");
      }
    }
    connection.rollback(before);
  }

  private static String text(Object[] arguments) {
    return (String) arguments[0];
  }
}
