package dev.durable.session;

import dev.durable.testing.Proxies;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.postgresql.core.BaseConnection;

/** A pool whose connections are looked at when they come back, before the pool tidies them up. */
final class Loans {

  private final DataSource pool;
  private final Collection<String> changes = new ConcurrentLinkedQueue<>();
  private final Set<String> texts = ConcurrentHashMap.newKeySet();

  Loans(DataSource pool) {
    this.pool = pool;
  }

  /** The statements that were prepared. */
  Set<String> texts() {
    return Set.copyOf(texts);
  }

  /** How connections came back otherwise than they were lent, once each. */
  List<String> changes() {
    return changes.stream().sorted().distinct().toList();
  }

  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (method, arguments) ->
            method.getName().equals("getConnection")
                ? lend()
                : Proxies.call(pool, method, arguments));
  }

  private Connection lend() throws SQLException {
    Connection connection = pool.getConnection();
    List<String> lent = state(connection);
    return proxy(
        Connection.class,
        (method, arguments) -> {
          if (method.getName().equals("close") && !connection.isClosed()) {
            List<String> now = state(connection);
            if (!now.equals(lent)) {
              changes.add(lent + " -> " + now + " by " + user());
            }
          }
          if (method.getName().equals("prepareStatement")) {
            texts.add(String.valueOf(arguments[0]));
          }
          return Proxies.call(connection, method, arguments);
        });
  }

  /** What can be asked without a word to the server. */
  private static List<String> state(Connection connection) throws SQLException {
    List<String> state = new ArrayList<>();
    state.add("auto-commit " + connection.getAutoCommit());
    state.add("read-only " + connection.isReadOnly());
    state.add("network timeout " + connection.getNetworkTimeout());
    state.add("" + connection.unwrap(BaseConnection.class).getTransactionState());
    return state;
  }

  /** Where the engine gave it back. */
  private static String user() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> frame.getClassName().startsWith("dev.durable."))
                    .filter(frame -> !frame.getClassName().startsWith("dev.durable.session."))
                    .limit(3)
                    .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                    .toList()
                    .toString());
  }

  private interface Handler {
    Object handle(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Handler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            Loans.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                handler.handle(method, arguments == null ? new Object[0] : arguments)));
  }
}
