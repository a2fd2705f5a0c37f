package dev.durable.crash;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.testing.Proxies;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * A DataSource that counts statements and commits, hits one or some of them, and can be dead
 * afterwards: as if the process that uses it had been killed there.
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
  private volatile @Nullable IntPredicate struck;
  private volatile Fault fault = Fault.NONE;
  private volatile boolean dead;
  private volatile @Nullable String hit;

  FaultyDataSource(HikariDataSource pool) {
    this.pool = pool;
  }

  /** Counting starts here. */
  void arm(Fault next) {
    this.fault = next;
    this.struck = number -> number == next.number();
  }

  /** From now on some answers are lost, each with this chance. */
  void loseAnswers(Random random, double chance) {
    this.fault = new Fault(0, Fault.Mode.ANSWER_LOST, false);
    this.struck = number -> random.nextDouble() < chance;
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
        broken.remove(connection);
        yield Proxies.call(connection, method, arguments);
      }
      case "commit" ->
          guarded(
              connection,
              "commit",
              () -> Proxies.call(connection, method, arguments),
              connection::rollback);
      case "prepareStatement" -> {
        requireAlive();
        PreparedStatement statement =
            (PreparedStatement) Proxies.call(connection, method, arguments);
        Sent sent = new Sent(connection, statement, String.valueOf(arguments[0]));
        yield Proxies.of(PreparedStatement.class, (m, args) -> onStatement(sent, m, args));
      }
      case "createStatement" -> {
        requireAlive();
        Statement statement = (Statement) Proxies.call(connection, method, arguments);
        Sent sent = new Sent(connection, statement, "");
        yield Proxies.of(Statement.class, (m, args) -> onStatement(sent, m, args));
      }
      default -> Proxies.call(connection, method, arguments);
    };
  }

  private Object onStatement(Sent sent, Method method, Object[] arguments) throws Throwable {
    if (!EXECUTIONS.contains(method.getName())) {
      return sent.prepare(method, arguments);
    }
    return guarded(
        sent.connection,
        sent.text(arguments),
        () -> Proxies.call(sent.statement, method, arguments),
        () -> sent.rolledBack(method, arguments));
  }

  /** A statement, and what has been set for it. */
  private record Sent(
      Connection connection, Statement statement, String prepared, List<Setting> settings) {

    private static final String COMMIT = ";\ncommit";

    Sent(Connection connection, Statement statement, String prepared) {
      this(connection, statement, prepared, new ArrayList<>());
    }

    Object prepare(Method method, Object[] arguments) throws Throwable {
      if (method.getName().startsWith("set")) {
        settings.add(on -> Proxies.call(on, method, arguments));
      }
      return Proxies.call(statement, method, arguments);
    }

    String text(Object[] arguments) {
      return prepared.isEmpty() && arguments.length > 0 ? String.valueOf(arguments[0]) : prepared;
    }

    /** Lets the server do it, but for a commit at the end of the text. */
    void rolledBack(Method method, Object[] arguments) throws Throwable {
      if (!prepared.endsWith(COMMIT)) {
        Proxies.call(statement, method, arguments);
        return;
      }
      String text = prepared.substring(0, prepared.length() - COMMIT.length()) + ";\nrollback";
      try (PreparedStatement other = connection.prepareStatement(text)) {
        for (Setting setting : settings) {
          setting.on(other);
        }
        Proxies.call(other, method, arguments);
      }
    }
  }

  private interface Setting {
    void on(Statement statement) throws Throwable;
  }

  private interface Work {
    Object run() throws Throwable;
  }

  private interface Undone {
    void run() throws Throwable;
  }

  /**
   * @param undone the same, but rolled back or about to be
   */
  private Object guarded(Connection connection, String what, Work work, Undone undone)
      throws Throwable {
    requireAlive();
    IntPredicate strikes = struck;
    if (strikes == null || !strikes.test(count.incrementAndGet())) {
      return work.run();
    }
    hit = what.strip().replaceAll("\\s+", " ");
    try {
      strike(connection, work, undone);
      broken.add(connection);
      pool.evictConnection(connection);
    } finally {
      if (fault.fatal()) {
        die();
      }
    }
    throw new SQLException("cut off at " + fault, "08006");
  }

  private void strike(Connection connection, Work work, Undone undone) throws Throwable {
    switch (fault.mode()) {
      case NOT_SENT -> {}
      case ROLLED_BACK -> {
        connection.setAutoCommit(false);
        undone.run();
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
