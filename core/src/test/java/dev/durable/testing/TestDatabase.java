package dev.durable.testing;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.migration.DurableMigration;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** A migrated database: workers on it, changes of its tables, queries. */
public final class TestDatabase
    implements AutoCloseable,
        ExecutionRows,
        ExecutionTimes,
        QueueRows,
        ScheduleRows,
        WorkerRows,
        TestTables {

  private static final String NAME = "durable_tests";
  private static final int POOL_SIZE = 10;

  private final EmbeddedPostgres server;
  private final String name;
  private final HikariDataSource pool;
  private volatile boolean sessionsEnded;

  private TestDatabase(EmbeddedPostgres server, String name) {
    this.server = server;
    this.name = name;
    this.pool = TestPostgres.pool(server, name, POOL_SIZE);
  }

  /** A new database with Durable's tables. */
  public static TestDatabase migrated() {
    return new TestDatabase(TestPostgres.server(), TestPostgres.create());
  }

  /** The same on a server of the test's own, which it may stop. */
  public static TestDatabase migratedOn(EmbeddedPostgres server) {
    DurableMigration.on(server.createDatabase(NAME)).log(System.Logger.Level.OFF).up();
    return new TestDatabase(server, NAME);
  }

  /** A new database without any tables. */
  public static TestDatabase empty() {
    return new TestDatabase(TestPostgres.server(), TestPostgres.createEmpty());
  }

  /** A pool of ten connections. */
  public DataSource dataSource() {
    return pool;
  }

  /** Another pool on the same database. */
  public HikariDataSource newPool(int size) {
    return TestPostgres.pool(server, name, size);
  }

  /** Starts a worker with these workflows and the defaults. */
  public Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(pool).register(workflows).startWorker();
  }

  /** Runs one execution on a worker of its own. */
  public <I, O> O run(Workflow<I, O> workflow, I input) {
    try (Durable durable = start(workflow)) {
      return durable.start(workflow, input).result(DurableFixture.SOON);
    }
  }

  /** A connection of its own, not of the pool. */
  public Connection newConnection() throws SQLException {
    return DriverManager.getConnection(url(), user(), password());
  }

  /** For a JVM of its own. */
  public String url() {
    return server.jdbcUrl(name);
  }

  /** For a JVM of its own. */
  public String user() {
    return server.user();
  }

  /** For a JVM of its own. */
  public String password() {
    return server.password();
  }

  /** The server's major version. */
  public int majorVersion() {
    return server.majorVersion();
  }

  @Override
  public int update(String sql, Object... parameters) {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return statement.executeUpdate();
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  @Override
  public void script(String sql) {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  @Override
  public List<String> rows(String sql, Object... parameters) {
    try (Connection connection = pool.getConnection()) {
      return rows(connection, sql, parameters);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  private static List<String> rows(Connection connection, String sql, Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      List<String> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= columns; i++) {
            row.add(String.valueOf(result.getString(i)));
          }
          rows.add(String.join("|", row));
        }
      }
      return rows;
    }
  }

  /**
   * Lets the pool open its connections anew: it hands out one that was used half a second ago
   * without a look at it, also when {@link #endOtherSessions} has ended its session.
   */
  public void renewConnections() {
    pool.getHikariPoolMXBean().softEvictConnections();
  }

  @Override
  public void endOtherSessions() {
    sessionsEnded = true;
    TestTables.super.endOtherSessions();
  }

  /** The next test begins with sessions that are alive. */
  void afterTest() {
    if (sessionsEnded) {
      sessionsEnded = false;
      renewConnections();
    }
  }

  /** Violated invariants; empty if all is well. */
  public List<String> violations() {
    return violations("durable");
  }

  /** The same for another prefix. A test may have ended the pool's connections: not this one. */
  public List<String> violations(String prefix) {
    String sql = new Schema(prefix).of(resource(Stores.class, "invariants.sql"));
    try (Connection connection = newConnection()) {
      return rows(connection, sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  /** The contents of a schema, without its name: two equal lists mean equal tables. */
  public List<String> catalogue(String prefix) {
    return rows(resource(TestDatabase.class, "catalogue.sql"), prefix);
  }

  private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  private static String resource(Class<?> beside, String file) {
    try (InputStream in = beside.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
