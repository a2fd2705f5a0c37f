package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintThread;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

@Proves("F4.1")
@DisplayName("Hints")
@ExtendWith(DatabaseExtension.class)
class HintThreadTest {

  private static final Schema SQL = new Schema("durable");
  private final TestDatabase db;

  HintThreadTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("Hints that have piled up are sent together, each once")
  void coalesced() throws Exception {
    Gate gate = new Gate();
    AtomicInteger connections = new AtomicInteger();
    AtomicInteger transactions = new AtomicInteger();
    DataSource slow = counting(connections, transactions, gate::passUninterrupted);
    try (Connection listener = listener();
        HintThread hints = new HintThread(new Database(slow), SQL, "coalesced")) {
      hints.send(List.of("qfirst"));
      gate.awaitReached();
      for (int i = 0; i < 1_000; i++) {
        hints.send(List.of("qsame", "q" + i % 10));
      }
      gate.open();
      List<String> heard = new ArrayList<>();
      Gate.until(() -> hear(listener, heard).contains("q9"));
      assertThat(heard).hasSize(12).contains("qfirst", "qsame").doesNotHaveDuplicates();
      assertThat(transactions).hasValue(2);
      assertThat(connections).hasValue(1);
    }
  }

  @Test
  @DisplayName("Without hints the instance uses neither a thread nor a connection for them")
  void idle() {
    try (HikariDataSource pool = db.newPool(2);
        HintThread hints = new HintThread(new Database(pool), SQL, "idle-sender")) {
      assertThat(threads("idle-sender")).isEmpty();
      hints.send(List.of("qone"));
      assertThat(threads("idle-sender")).hasSize(1);
      Gate.until(() -> threads("idle-sender").isEmpty());
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
      hints.send(List.of("qtwo"));
      Gate.until(() -> threads("idle-sender").isEmpty());
    }
  }

  @Test
  @DisplayName("Hints are sent again after any failure of the pool")
  void failures() throws Exception {
    List<Throwable> failures =
        new ArrayList<>(
            List.of(
                new SQLException("no more"),
                new IllegalStateException("closed"),
                new OutOfMemoryError("for the test"),
                new StackOverflowError("for the test")));
    DataSource broken =
        Proxies.of(
            DataSource.class,
            (method, arguments) -> {
              if (!failures.isEmpty()) {
                throw failures.removeFirst();
              }
              return Proxies.call(db.dataSource(), method, arguments);
            });
    try (Connection listener = listener();
        HintThread hints = new HintThread(new Database(broken), SQL, "failing")) {
      List<String> heard = new ArrayList<>();
      Gate.until(
          () -> {
            hints.send(List.of("qagain"));
            return hear(listener, heard).contains("qagain");
          });
    }
    assertThat(failures).isEmpty();
  }

  @Test
  @DisplayName("Hints that PostgreSQL does not accept are left out")
  void unfitting() throws Exception {
    try (Connection listener = listener();
        HintThread hints = new HintThread(new Database(db.dataSource()), SQL, "unfitting")) {
      hints.send(List.of("q" + "x".repeat(8_000), "q" + "é".repeat(4_000), "q\0", "qfits"));
      List<String> heard = new ArrayList<>();
      Gate.until(() -> hear(listener, heard).contains("qfits"));
      assertThat(heard).containsExactly("qfits");
    }
  }

  @Test
  @DisplayName("Hints that cannot be sent take little memory, however many they are")
  void bounded() {
    Gate gate = new Gate();
    AtomicInteger transactions = new AtomicInteger();
    DataSource stuck = counting(new AtomicInteger(), transactions, gate::passUninterrupted);
    try (HintThread hints = new HintThread(new Database(stuck), SQL, "bounded")) {
      hints.send(List.of("qfirst"));
      gate.awaitReached();
      for (int i = 0; i < 100; i++) {
        int from = i * 1_000;
        hints.send(IntStream.range(from, from + 1_000).mapToObj(n -> "q" + n).toList());
      }
      gate.open();
    }
    assertThat(transactions.get()).isLessThanOrEqualTo(1 + 10_000 / 500);
  }

  @Test
  @DisplayName("Closing the instance sends the remaining hints")
  void closed() throws Exception {
    try (Connection listener = listener()) {
      try (HintThread hints = new HintThread(new Database(db.dataSource()), SQL, "closing")) {
        hints.send(List.of("qlast"));
      }
      List<String> heard = new ArrayList<>();
      Gate.until(() -> hear(listener, heard).contains("qlast"));
    }
  }

  private DataSource counting(AtomicInteger connections, AtomicInteger statements, Runnable first) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          connections.incrementAndGet();
          Connection real = (Connection) Proxies.call(db.dataSource(), method, arguments);
          return Proxies.of(
              Connection.class,
              (call, with) -> {
                if (call.getName().equals("prepareStatement")
                    && statements.getAndIncrement() == 0) {
                  first.run();
                }
                return Proxies.call(real, call, with);
              });
        });
  }

  private Connection listener() throws SQLException {
    Connection connection = db.newConnection();
    try (Statement statement = connection.createStatement()) {
      statement.execute("listen \"" + SQL.channel() + "\"");
    }
    return connection;
  }

  private static List<String> hear(Connection listener, List<String> heard) {
    try {
      PGNotification[] received = listener.unwrap(PGConnection.class).getNotifications(50);
      for (PGNotification each : received == null ? new PGNotification[0] : received) {
        heard.add(each.getParameter());
      }
      return heard;
    } catch (SQLException lost) {
      throw new IllegalStateException(lost);
    }
  }

  private static List<Thread> threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .toList();
  }
}
