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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** A migrated database: workers on it, changes of its tables, queries. */
public final class TestDatabase implements AutoCloseable {

  private static final String NAME = "durable_tests";
  private static final int POOL_SIZE = 10;

  private final EmbeddedPostgres server;
  private final String name;
  private final HikariDataSource pool;

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

  /** Sleepers are due that much earlier, as if the time had passed. Workers are not notified. */
  public void letPass(Duration time) {
    update(
        """
        with sleepers as (
          update durable.workflow_executions set wake_at = wake_at - interval '%1$d microseconds'
          where wake_at is not null and status = 'waiting' returning id
        )
        update durable.step_executions s set wake_at = s.wake_at - interval '%1$d microseconds'
        from sleepers where s.workflow_id = sleepers.id and s.status = 'waiting'
        """
            .formatted(TimeUnit.MICROSECONDS.convert(time)));
  }

  /** Starts a worker with these workflows and the defaults. */
  public Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(pool).register(workflows).start();
  }

  /** Runs one execution on a worker of its own. */
  public <I, O> O run(Workflow<I, O> workflow, I input) {
    try (Durable durable = start(workflow)) {
      return durable.start(workflow, input).result(DurableFixture.SOON);
    }
  }

  /** Lets clients start executions in the default queue, as if a worker had been there before. */
  public void createDefaultQueue() {
    update("insert into durable.queues values ('default', now()) on conflict do nothing");
  }

  /** Keeps an execution from all workers, until {@link #showToClaims}. */
  public void hideFromClaims(UUID id) {
    update("update durable.workflow_executions set queue = 'elsewhere' where id = ?", id);
  }

  /** Puts an execution back into the default queue. */
  public void showToClaims(UUID id) {
    update("update durable.workflow_executions set queue = 'default' where id = ?", id);
  }

  /** An execution, and all that it waits for, becomes due. Workers are not notified. */
  public void makeDue(UUID id) {
    update(
        "update durable.step_executions set wake_at = now()"
            + " where workflow_id = ? and wake_at > now()",
        id);
    update("update durable.workflow_executions set wake_at = now() where id = ?", id);
  }

  /** All waiting executions, and all that they wait for, become due. Workers are not notified. */
  public void makeAllDue() {
    update("update durable.step_executions set wake_at = now() where wake_at > now()");
    wakeAll();
  }

  /** All waiting executions are claimed, although nothing that they wait for has come. */
  public void wakeAll() {
    update("update durable.workflow_executions set wake_at = now() where status = 'waiting'");
  }

  /** The timeout of an execution's workflow is over. Workers are not notified. */
  public void makeOverdue(UUID id) {
    update(
        "update durable.workflow_executions set deadline_at = now(), wake_at = now() where id = ?",
        id);
  }

  /** Whether a worker owns an execution. */
  public boolean isOwned(UUID id) {
    return number(
            "select count(*) from durable.workflow_executions"
                + " where id = ? and locked_by is not null",
            id)
        > 0;
  }

  /** The leases of all workers have run out. */
  public void expireLeases() {
    update("update durable.workers set heartbeat_at = heartbeat_at - interval '1 hour'");
  }

  /** The lease of one worker has run out. */
  public void expireLease(String worker) {
    update(
        "update durable.workers set heartbeat_at = heartbeat_at - interval '1 hour' where name = ?",
        worker);
  }

  /**
   * Inserts a worker whose lease ran out an hour ago, and that has not been declared dead.
   *
   * @return its id, for {@code locked_by}
   */
  public UUID createLostWorker() {
    UUID worker = UUID.randomUUID();
    update(
        """
        insert into durable.workers
          (id, name, queues, definitions, lease, started_at, heartbeat_at)
        values (?, 'lost', '[]', '[]', interval '1 second', now(), now() - interval '1 hour')
        """,
        worker);
    return worker;
  }

  /** Removes all executions: what earlier tests of the class left would be claimed, too. */
  public void deleteExecutions() {
    script("delete from durable.workflow_executions; delete from durable.step_executions");
  }

  /** Waits until at least this many sessions wait for locks of others. */
  public void awaitBlocked(int sessions) {
    Gate.until(
        () ->
            number(
                    "select count(*) from pg_stat_activity"
                        + " where datname = current_database() and wait_event_type = 'Lock'")
                >= sessions);
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

  /** Runs a statement. */
  public int update(String sql, Object... parameters) {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, parameters);
      return statement.executeUpdate();
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  /** Runs a script of several statements. */
  public void script(String sql) {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  /** The rows of a query, each as its columns joined by {@code |}. */
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

  /** The only value of a query. */
  public long number(String sql, Object... parameters) {
    return Long.parseLong(rows(sql, parameters).get(0));
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
