package dev.durable.session;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions on which the driver fell over in the middle of an answer. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("newest")
class BrokenSessionTest {

  private static final int EXECUTIONS = 60;
  private static final Event<String> GO = Event.of("go", String.class);

  private final Workflow<String, String> flow =
      Workflow.define("flow", String.class)
          .step("one", text -> text + "1")
          .transaction("two", (text, tx) -> text + "2")
          .await("go", GO, (text, go) -> text + go)
          .step("three", text -> text + "3")
          .build();

  /** What the driver throws, and whether the statement has reached the server. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Break {
    ERROR_BEFORE(false),
    ERROR_AFTER(true),
    MEMORY_AFTER(true),
    STACK_AFTER(true),
    UNCHECKED_BEFORE(false),
    UNCHECKED_AFTER(true);

    private final boolean after;

    Break(boolean after) {
      this.after = after;
    }

    Throwable thrown() {
      String why = "of the driver";
      return switch (this) {
        case ERROR_BEFORE, ERROR_AFTER -> new LinkageError(why);
        case MEMORY_AFTER -> new OutOfMemoryError(why);
        case STACK_AFTER -> new StackOverflowError(why);
        case UNCHECKED_BEFORE -> new IllegalStateException(why);
        case UNCHECKED_AFTER -> new NullPointerException(why);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F1.6")
  @DisplayName(
      "A connection on which the driver threw an Error or an unchecked exception is not used again")
  void isNotUsedAgain(Break how) throws Exception {
    try (TestDatabase db = TestDatabase.migrated()) {
      Breaking sessions = new Breaking(Sessions.of(db), how);
      try (Pool.Open pool = Pool.HIKARI.open(sessions.dataSource(), Pool.Defaults.NONE);
          Durable client = Durable.on(db.dataSource()).register(flow).build();
          Durable worker =
              Durable.on(pool.dataSource())
                  .register(flow)
                  .worker(
                      w ->
                          w.lease(ofSeconds(3))
                              .heartbeat(ofMillis(300))
                              .pollInterval(ofMillis(200))
                              .showRunningAfter(ofMillis(20)))
                  .startWorker()) {
        sessions.armed = true;
        List<ExecutionHandle<String>> handles =
            client.startAll(
                flow,
                IntStream.range(0, EXECUTIONS).mapToObj(i -> "" + i).toList(),
                (input, with) -> {});
        handles.forEach(handle -> client.send(handle.id(), GO, "g"));
        for (int i = 0; i < EXECUTIONS; i++) {
          assertThat(resultOf(handles.get(i), db)).isEqualTo(i + "12g3");
        }
        sessions.armed = false;
      } finally {
        assertThat(sessions.broken).as("broken sessions").isNotEmpty();
        assertThat(sessions.usedAgain).as("used again").isEmpty();
      }
      assertThat(db.violations()).as(rows(db)).isEmpty();
      // A worker may lose its lease over that, but no body is blamed.
      assertThat(failed(db)).isEmpty();
    }
  }

  private static String resultOf(ExecutionHandle<String> handle, TestDatabase db) {
    try {
      return String.valueOf(handle.result(ofSeconds(30)));
    } catch (DurableException failure) {
      throw new AssertionError(failure.getMessage() + "\n" + unfinished(db), failure);
    }
  }

  private static String unfinished(TestDatabase db) {
    return String.join(
        "\n",
        db.rows(
            """
            select e.id, e.status, e.current_step, e.wake_at - now() as due, e.lock_token,
                   n.heartbeat_at - now() as beat, n.dead_at,
                   (select string_agg(s.path || ' #' || s.attempt || ' ' || s.status, ', ' order by s.seq)
                    from durable.step_executions s where s.workflow_id = e.id)
            from durable.workflow_executions e left join durable.workers n on n.id = e.locked_by
            where e.status <> 'completed' limit 10
            """));
  }

  private static List<String> failed(TestDatabase db) {
    return db.rows(
        "select path, left(error::text, 300) from durable.step_executions"
            + " where status = 'failed' and error ->> 'type' <> 'worker_lost'");
  }

  /** What is needed to understand a violation. */
  private static String rows(TestDatabase db) {
    return String.join(
        "\n",
        db.rows(
            """
            select s.workflow_id, s.seq, s.path, s.attempt, s.status, left(s.error::text, 120),
                   s.started_at, s.completed_at, s.xmin
            from durable.step_executions s
            where s.workflow_id = (
                select workflow_id from durable.step_executions
                group by workflow_id, path, attempt having count(*) > 1 limit 1)
            order by s.seq
            """));
  }

  /** New sessions, whose driver falls over at every so many statements of the engine. */
  private static final class Breaking {

    private static final int EVERY = 7;
    private static final Set<String> USES =
        Set.of("prepareStatement", "createStatement", "commit", "setAutoCommit");

    private final DataSource sessions;
    private final Break how;
    private final Set<Connection> broken = ConcurrentHashMap.newKeySet();
    private final Collection<String> usedAgain = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean armed;

    Breaking(DataSource sessions, Break how) {
      this.sessions = sessions;
      this.how = how;
    }

    DataSource dataSource() {
      return proxy(
          DataSource.class,
          (method, arguments) ->
              method.getName().equals("getConnection")
                  ? connect()
                  : Proxies.call(sessions, method, arguments));
    }

    private Connection connect() throws SQLException {
      Connection connection = sessions.getConnection();
      return proxy(
          Connection.class,
          (method, arguments) -> {
            if (broken.contains(connection)
                && USES.contains(method.getName())
                && !connection.isClosed()) {
              usedAgain.add(method.getName() + " " + List.of(arguments) + " by " + user());
            }
            Object result = Proxies.call(connection, method, arguments);
            String sql = arguments.length > 0 ? String.valueOf(arguments[0]) : "";
            return switch (method.getName()) {
              case "prepareStatement" ->
                  proxy(
                      PreparedStatement.class,
                      (m, args) -> onStatement(connection, result, sql, m, args));
              case "createStatement" ->
                  proxy(Statement.class, (m, args) -> onStatement(connection, result, "", m, args));
              default -> result;
            };
          });
    }

    private Object onStatement(
        Connection connection, Object statement, String sql, Method method, Object[] arguments)
        throws Throwable {
      String text = sql.isEmpty() && arguments.length > 0 ? String.valueOf(arguments[0]) : sql;
      boolean breaks =
          armed
              && method.getName().startsWith("execute")
              && text.contains("\"durable\"")
              && count.incrementAndGet() % EVERY == 0;
      if (!breaks) {
        return Proxies.call(statement, method, arguments);
      }
      if (how.after) {
        Proxies.call(statement, method, arguments);
      }
      broken.add(connection);
      throw how.thrown();
    }

    private static List<String> user() {
      return StackWalker.getInstance()
          .walk(
              frames ->
                  frames
                      .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                      .filter(frame -> !frame.startsWith("dev.durable.session."))
                      .filter(frame -> frame.startsWith("dev.durable.") || frame.startsWith("com."))
                      .limit(4)
                      .toList());
    }

    private interface Handler {
      Object handle(Method method, Object[] arguments) throws Throwable;
    }

    @SuppressWarnings("ReferenceEquality") // A proxy equals itself only.
    private static <T> T proxy(Class<T> type, Handler handler) {
      return type.cast(
          Proxy.newProxyInstance(
              BrokenSessionTest.class.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> System.identityHashCode(self);
                    default ->
                        handler.handle(method, arguments == null ? new Object[0] : arguments);
                  }));
    }
  }
}
