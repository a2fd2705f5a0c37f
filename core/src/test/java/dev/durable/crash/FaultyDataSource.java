package dev.durable.crash;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.testing.Proxies;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * A DataSource that counts statements and commits, hits one of them, and can be dead afterwards: as
 * if the process that uses it had been killed there.
 */
final class FaultyDataSource implements Lifeline {

  private static final Set<String> ENDINGS = Set.of("commit", "rollback", "setAutoCommit");
  private static final Set<String> EXECUTIONS =
      Set.of("execute", "executeQuery", "executeUpdate", "executeBatch", "executeLargeUpdate");

  private final HikariDataSource pool;
  private final DataSource faulty = Proxies.of(DataSource.class, this::onDataSource);
  private final Set<Connection> broken = ConcurrentHashMap.newKeySet();
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private volatile Fault fault = Fault.NONE;
  private volatile boolean armed;
  private volatile boolean dead;
  private volatile @Nullable String hit;

  FaultyDataSource(HikariDataSource pool) {
    this.pool = pool;
  }

  /** Counting starts here. */
  void arm(Fault next) {
    this.fault = next;
    this.armed = true;
  }

  /** How many statements and commits there were since it was armed. */
  int count() {
    return count.get();
  }

  /** The place that was hit; null if the scenario was over before. */
  @Nullable String hit() {
    return hit;
  }

  @Override
  public boolean isDead() {
    return dead;
  }

  /** From now on nothing that uses this gets through to the database. */
  void die() {
    dead = true;
    open.forEach(pool::evictConnection);
  }

  @Override
  public DataSource dataSource() {
    return faulty;
  }

  private Object onDataSource(Method method, Object[] arguments) throws Throwable {
    return method.getName().equals("getConnection")
        ? connect()
        : Proxies.call(pool, method, arguments);
  }

  private Connection connect() throws SQLException {
    requireAlive();
    Connection connection = pool.getConnection();
    open.add(connection);
    if (dead) {
      pool.evictConnection(connection);
    }
    return Proxies.of(
        Connection.class, (method, arguments) -> onConnection(connection, method, arguments));
  }

  private Object onConnection(Connection connection, Method method, Object[] arguments)
      throws Throwable {
    if (broken.contains(connection) && ENDINGS.contains(method.getName())) {
      throw new SQLException("this connection is broken", "08006");
    }
    return switch (method.getName()) {
      case "close" -> {
        open.remove(connection);
        yield Proxies.call(connection, method, arguments);
      }
      case "commit" ->
          guarded(connection, "commit", () -> Proxies.call(connection, method, arguments));
      case "prepareStatement" -> {
        requireAlive();
        PreparedStatement statement =
            (PreparedStatement) Proxies.call(connection, method, arguments);
        String sql = String.valueOf(arguments[0]);
        yield Proxies.of(
            PreparedStatement.class, (m, args) -> onStatement(connection, statement, sql, m, args));
      }
      case "createStatement" -> {
        requireAlive();
        Statement statement = (Statement) Proxies.call(connection, method, arguments);
        yield Proxies.of(
            Statement.class, (m, args) -> onStatement(connection, statement, "", m, args));
      }
      default -> Proxies.call(connection, method, arguments);
    };
  }

  private Object onStatement(
      Connection connection, Statement statement, String sql, Method method, Object[] arguments)
      throws Throwable {
    if (!EXECUTIONS.contains(method.getName())) {
      return Proxies.call(statement, method, arguments);
    }
    String text = sql.isEmpty() && arguments.length > 0 ? String.valueOf(arguments[0]) : sql;
    return guarded(connection, text, () -> Proxies.call(statement, method, arguments));
  }

  private interface Work {
    Object run() throws Throwable;
  }

  private Object guarded(Connection connection, String what, Work work) throws Throwable {
    requireAlive();
    if (!armed || count.incrementAndGet() != fault.number()) {
      return work.run();
    }
    hit = what.strip().replaceAll("\\s+", " ");
    try {
      strike(connection, what, work);
      broken.add(connection);
      pool.evictConnection(connection);
    } finally {
      if (fault.fatal()) {
        die();
      }
    }
    throw new SQLException("cut off at " + fault, "08006");
  }

  private void strike(Connection connection, String what, Work work) throws Throwable {
    boolean ownTransaction = connection.getAutoCommit();
    switch (fault.mode()) {
      case NOT_SENT -> {}
      case ROLLED_BACK -> {
        if (!what.equals("commit")) {
          if (ownTransaction) {
            connection.setAutoCommit(false);
          }
          work.run();
        }
        connection.rollback();
        connection.setAutoCommit(true);
        pool.evictConnection(connection);
      }
      case ANSWER_LOST -> {
        work.run();
        lose(connection);
      }
      case RESET -> lose(connection);
    }
  }

  /** Whoever asks finds it closed. */
  private static void lose(Connection connection) throws SQLException {
    connection.unwrap(PgConnection.class).abort(Runnable::run);
    try {
      connection.createStatement();
    } catch (SQLException gone) {
      // Now the pool knows it, too.
    }
  }

  private void requireAlive() throws SQLException {
    if (dead) {
      throw new SQLException("this process is dead", "08006");
    }
  }
}
