package dev.durable.torture;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.torture.TcpProxy.Fate;
import dev.durable.torture.TcpProxy.Trap;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network that loses answers, and connections whose other end has gone without a word. */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class NetworkTest {

  private static final int MANY = 150;

  private final TestDatabase db;
  private final Queue<String> bodies = new ConcurrentLinkedQueue<>();
  private final Queue<String> repeated = new ConcurrentLinkedQueue<>();
  private TcpProxy proxy;
  private HikariDataSource pool;

  private final Workflow<String, String> booking =
      Workflow.define("booking", String.class)
          .step("before", (text, step) -> ran(step, text + "-before"))
          .transaction(
              "book",
              (text, tx) -> {
                try (var insert =
                    tx.connection().prepareStatement("insert into booked values (?)")) {
                  insert.setString(1, text);
                  insert.executeUpdate();
                }
                return ran(tx, text);
              },
              // The body's own statements wait as long as the body may run, not as the engine does.
              with ->
                  with.timeout(Duration.ofSeconds(5))
                      .retry(RetryPolicy.constant(Duration.ofMillis(10)).maxAttempts(9)))
          .step("after", (text, step) -> ran(step, text + "-after"))
          .build();

  NetworkTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void network() throws IOException {
    db.script("create table if not exists booked (item text); truncate booked");
    URI address = URI.create(db.url().substring("jdbc:".length()));
    proxy = TcpProxy.to(address.getPort());
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:" + proxy.port() + address.getPath() + "?loginTimeout=5");
    config.setUsername(db.user());
    config.setPassword(db.password());
    config.setMaximumPoolSize(10);
    config.setMinimumIdle(0);
    pool = new HikariDataSource(config);
  }

  @AfterEach
  void noNetwork() throws IOException {
    pool.close();
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource
  @Proves({"G3", "G5"})
  @DisplayName("A statement that took effect without an answer is looked up, not repeated")
  void whatTookEffectWithoutAnAnswerIsNotRepeated(Fate fate) throws Exception {
    try (Durable durable = worker()) {
      Trap journal = proxy.trap("x-before", fate);
      ExecutionHandle<String> step = durable.start(booking, "x");
      journal.await();
      Trap commit = proxy.trap("COMMIT", fate);
      ExecutionHandle<String> transaction = durable.start(booking, "y");
      commit.await();
      assertThat(step.result(EVENTUALLY)).isEqualTo("x-before-after");
      assertThat(transaction.result(EVENTUALLY)).isEqualTo("y-before-after");
    }
    assertThat(db.rows("select item from booked order by item"))
        .containsExactly("x-before", "y-before");
    assertThat(bodies)
        .containsExactlyInAnyOrder(
            "before x", "book x", "after x", "before y", "book y", "after y");
  }

  @Test
  @Proves({"G12", "G13"})
  @DisplayName("A worker whose connections all fall silent recovers by itself")
  void aWorkerWhoseConnectionsAllFallSilentGoesOnByItself() {
    try (Durable durable = worker()) {
      List<ExecutionHandle<String>> handles = startMany(durable, "silent", 60);
      Gate.until(() -> bodies.size() > 20);
      proxy.silence();
      for (ExecutionHandle<String> handle : handles) {
        assertThat(handle.result(EVENTUALLY)).endsWith("-after");
      }
      assertThat(durable.start(booking, "later").result(EVENTUALLY))
          .isEqualTo("later-before-after");
    }
    assertThat(repeated).isEmpty();
    assertThat(db.number("select count(*) from booked")).isEqualTo(61);
  }

  @Test
  @Proves({"B-42", "G3", "G5"})
  @DisplayName("Cuts, delays and lost answers in any order do no harm")
  void cutsDelaysAndLostAnswersInAnyOrder() {
    long seed = Long.getLong("durable.test.seed", System.nanoTime());
    System.out.println("network: -Ddurable.test.seed=" + seed);
    Random random = new Random(seed);
    try (Durable durable = worker()) {
      List<ExecutionHandle<String>> handles = startMany(durable, "bad", MANY);
      for (int i = 0; i < 12; i++) {
        switch (random.nextInt(4)) {
          case 0 -> proxy.cut();
          case 1 -> proxy.delay(random.nextInt(20));
          case 2 -> proxy.trap("COMMIT", Fate.RESET);
          default -> proxy.trap("-before", Fate.RESET);
        }
        long done = committed();
        Gate.until(() -> committed() > done || unfinished() == 0);
      }
      proxy.delay(0);
      for (ExecutionHandle<String> handle : handles) {
        assertThat(handle.result(EVENTUALLY)).endsWith("-after");
      }
    }
    assertThat(repeated).as("bodies that ran after their result was committed").isEmpty();
    assertThat(db.rows("select item from booked")).doesNotHaveDuplicates().hasSize(MANY);
  }

  private Durable worker() {
    return Durable.on(pool)
        .register(booking)
        .worker(
            w ->
                w.lease(Duration.ofSeconds(3))
                    .heartbeat(Duration.ofMillis(500))
                    .pollInterval(Duration.ofMillis(200)))
        .startWorker();
  }

  private List<ExecutionHandle<String>> startMany(Durable durable, String name, int many) {
    List<String> inputs = IntStream.range(0, many).mapToObj(i -> name + i).toList();
    return durable.startAll(booking, inputs, (input, with) -> with.key(input));
  }

  private long unfinished() {
    return db.number(
        "select count(*) from durable.workflow_executions where status <> 'completed'");
  }

  private long committed() {
    return db.number("select count(*) from durable.step_executions where status = 'completed'");
  }

  /** Notes that a body runs, and whether it should not: the truth is in the database. */
  private String ran(AttemptContext<String> step, String result) {
    String body = step.path() + " " + step.input();
    bodies.add(body);
    long done =
        db.number(
            "select count(*) from durable.step_executions"
                + " where workflow_id = ? and path = ? and status = 'completed'",
            step.execution().id(),
            step.path());
    if (done > 0) {
      repeated.add(body);
    }
    return result;
  }
}
