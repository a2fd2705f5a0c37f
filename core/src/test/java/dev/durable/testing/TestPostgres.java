package dev.durable.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.migration.DurableMigration;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One PostgreSQL for all tests of a JVM, in a time zone that is not UTC; a database of its own for
 * each class.
 */
final class TestPostgres {

  private static final String TEMPLATE = "durable_template";
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final EmbeddedPostgres SERVER = start();

  private TestPostgres() {}

  private static EmbeddedPostgres start() {
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .durable(false)
            .setting("timezone", "Asia/Kolkata")
            .setting("max_connections", "200")
            .startTemporary();
    cheapenLogins(server);
    server.createDatabase(TEMPLATE);
    DurableMigration.on(server.dataSource(TEMPLATE)).log(System.Logger.Level.OFF).up();
    return server;
  }

  /** A login hashes the password 4096 times, and tests open thousands of connections. */
  private static void cheapenLogins(EmbeddedPostgres server) {
    if (server.majorVersion() < 16) {
      return;
    }
    try (Connection connection = server.dataSource("postgres").getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("set scram_iterations = 1");
      statement.execute("alter role current_user password '" + server.password() + "'");
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** The name of a new database with migrated tables. */
  static String create() {
    String name = "test_" + NUMBER.incrementAndGet();
    SERVER.createDatabase(name, TEMPLATE);
    return name;
  }

  /** The name of a new empty database. */
  static String createEmpty() {
    String name = "empty_" + NUMBER.incrementAndGet();
    SERVER.createDatabase(name);
    return name;
  }

  static EmbeddedPostgres server() {
    return SERVER;
  }

  static HikariDataSource pool(EmbeddedPostgres server, String database, int size) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(server.dataSource(database));
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setPoolName(database);
    return new HikariDataSource(config);
  }
}
