package dev.durable.fault;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.crash.Lifeline;
import dev.durable.testing.Proxies;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A DataSource whose every call can be sabotaged, also those on what it gives out. */
final class FaultyPool implements Lifeline {

  /** The table of the stories' own transactions: what befalls their SQL is their own fault. */
  private static final String BODYS = "transfers";

  private final HikariDataSource pool;
  private final Sabotage sabotage;

  FaultyPool(HikariDataSource pool, Sabotage sabotage) {
    this.pool = pool;
    this.sabotage = sabotage;
  }

  @Override
  public boolean isDead() {
    return false;
  }

  @Override
  public DataSource dataSource() {
    return Proxies.of(
        DataSource.class,
        (method, arguments) ->
            method.getName().equals("getConnection")
                ? sabotage.at(JdbcCall.CONNECT, null, "", 0, this::connect)
                : Proxies.call(pool, method, arguments));
  }

  private Connection connect() throws SQLException {
    sabotage.requireOpen();
    Session session = new Session(pool, pool.getConnection());
    return Proxies.of(
        Connection.class, (method, arguments) -> onConnection(session, method, arguments));
  }

  private static @Nullable JdbcCall callOnConnection(String method) {
    return switch (method) {
      case "prepareStatement" -> JdbcCall.PREPARE;
      case "createStatement" -> JdbcCall.CREATE;
      case "commit" -> JdbcCall.COMMIT;
      case "rollback" -> JdbcCall.ROLLBACK;
      case "setAutoCommit", "getAutoCommit" -> JdbcCall.AUTO_COMMIT;
      case "setNetworkTimeout", "getNetworkTimeout" -> JdbcCall.NETWORK_TIMEOUT;
      case "isClosed" -> JdbcCall.IS_CLOSED;
      case "close" -> JdbcCall.CLOSE;
      case "createArrayOf" -> JdbcCall.CREATE_ARRAY;
      case "unwrap", "isWrapperFor" -> JdbcCall.UNWRAP;
      case "abort", "equals", "hashCode", "toString", "isValid" -> null;
      default -> JdbcCall.SESSION;
    };
  }

  private Object onConnection(Session session, Method method, Object[] arguments) throws Throwable {
    JdbcCall call = callOnConnection(method.getName());
    if (call == null) {
      if (method.getName().equals("abort")) {
        session.breakDown();
      }
      return Proxies.call(session.real(), method, arguments);
    }
    if (call == JdbcCall.PREPARE && String.valueOf(arguments[0]).contains(BODYS)) {
      return Proxies.call(session.real(), method, arguments);
    }
    if (session.isBroken() && call == JdbcCall.IS_CLOSED) {
      return true;
    }
    if (session.isBroken() && call != JdbcCall.CLOSE) {
      session.requireWhole();
    }
    String sql = call == JdbcCall.PREPARE ? String.valueOf(arguments[0]) : "";
    return sabotage.at(call, session, sql, 0, () -> answer(call, session, sql, method, arguments));
  }

  private Object answer(
      JdbcCall call, Session session, String sql, Method method, Object[] arguments)
      throws Throwable {
    Object answer = Proxies.call(session.real(), method, arguments);
    if (method.getName().equals("setNetworkTimeout")) {
      session.answerWithin((Integer) arguments[1]);
    }
    if (call == JdbcCall.PREPARE) {
      return new FaultyStatement(sabotage, session, sql, (Statement) answer)
          .as(PreparedStatement.class);
    }
    if (call == JdbcCall.CREATE) {
      return new FaultyStatement(sabotage, session, sql, (Statement) answer).as(Statement.class);
    }
    if (answer instanceof PGConnection driver) {
      return Proxies.of(PGConnection.class, (m, args) -> onDriver(session, driver, m, args));
    }
    return answer;
  }

  private Object onDriver(Session session, PGConnection driver, Method method, Object[] arguments)
      throws Throwable {
    if (method.getName().equals("cancelQuery")) {
      session.cancel();
    }
    if (!method.getName().equals("getNotifications")) {
      return Proxies.call(driver, method, arguments);
    }
    session.requireWhole();
    return sabotage.at(
        JdbcCall.NOTIFICATIONS, session, "", 0, () -> Proxies.call(driver, method, arguments));
  }

  /** A statement, and the answers that are read from it. */
  private static final class FaultyStatement {
    private final Sabotage sabotage;
    private final Session session;
    private final String sql;
    private final Statement real;
    private volatile int queryMillis;

    FaultyStatement(Sabotage sabotage, Session session, String sql, Statement real) {
      this.sabotage = sabotage;
      this.session = session;
      this.sql = sql;
      this.real = real;
    }

    <T extends Statement> T as(Class<T> type) {
      return Proxies.of(type, this::on);
    }

    private static @Nullable JdbcCall call(String method) {
      if (method.startsWith("execute")) {
        return JdbcCall.EXECUTE;
      }
      return switch (method) {
        case "close" -> JdbcCall.CLOSE_STATEMENT;
        case "setQueryTimeout" -> JdbcCall.QUERY_TIMEOUT;
        case "getResultSet", "getMoreResults", "getUpdateCount", "getLargeUpdateCount" ->
            JdbcCall.READ;
        default -> method.startsWith("set") || method.equals("addBatch") ? JdbcCall.BIND : null;
      };
    }

    private Object on(Method method, Object[] arguments) throws Throwable {
      JdbcCall call = call(method.getName());
      if (call == null) {
        return Proxies.call(real, method, arguments);
      }
      if (call != JdbcCall.CLOSE_STATEMENT && call != JdbcCall.READ) {
        session.requireWhole();
      }
      String text = sql.isEmpty() && call == JdbcCall.EXECUTE ? text(arguments) : sql;
      return sabotage.at(call, session, text, queryMillis, () -> answer(method, arguments));
    }

    private static String text(Object[] arguments) {
      return arguments.length > 0 ? String.valueOf(arguments[0]) : "";
    }

    private Object answer(Method method, Object[] arguments) throws Throwable {
      Object answer = Proxies.call(real, method, arguments);
      if (method.getName().equals("setQueryTimeout")) {
        queryMillis = (int) TimeUnit.SECONDS.toMillis((Integer) arguments[0]);
      }
      return answer instanceof ResultSet rows
          ? Proxies.of(ResultSet.class, (m, args) -> onRows(rows, m, args))
          : answer;
    }

    private Object onRows(ResultSet rows, Method method, Object[] arguments) throws Throwable {
      String name = method.getName();
      if (!name.equals("next") && !name.startsWith("get")) {
        return Proxies.call(rows, method, arguments);
      }
      return sabotage.at(
          JdbcCall.READ, session, sql, 0, () -> Proxies.call(rows, method, arguments));
    }
  }
}
