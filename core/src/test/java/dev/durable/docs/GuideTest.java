package dev.durable.docs;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.DeployedWorkflow;
import dev.durable.Durable;
import dev.durable.IfEnded;
import dev.durable.Worker;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.StepExecution;
import dev.durable.migration.DurableMigration;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryAfterException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.TransactionEffect;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of README.md and docs/, which {@link SnippetsTest} keeps equal to these lines. */
@ExtendWith(DatabaseExtension.class)
class GuideTest {

  record Order(String id, String customer, long cents) {}

  record Priced(String id, long cents, long tax) {}

  record Paid(String id, String chargeId) {}

  /** A payment provider that fails once for each key. */
  static final class Payments {
    final AtomicInteger calls = new AtomicInteger();

    Paid charge(Priced priced, String idempotencyKey) {
      if (calls.incrementAndGet() == 1) {
        throw new IllegalStateException("connection reset");
      }
      return new Paid(priced.id(), "ch_" + idempotencyKey.hashCode());
    }
  }

  static final class Mailer {
    final AtomicInteger mails = new AtomicInteger();

    void confirm(Paid paid) {
      mails.incrementAndGet();
    }
  }

  private final TestDatabase db;
  private final DataSource dataSource;
  private final Payments payments = new Payments();
  private final Mailer mailer = new Mailer();

  GuideTest(TestDatabase db) {
    this.db = db;
    this.dataSource = db.dataSource();
  }

  private Workflow<Order, Paid> processOrder() {
    Workflow<Order, Paid> processOrder =
        Workflow.define("process_order", Order.class, with -> with.timeout(ofMinutes(30)))
            .step(
                "price",
                Priced.class,
                order -> new Priced(order.id(), order.cents(), order.cents() / 5))
            .step(
                "charge",
                Paid.class,
                (priced, step) -> payments.charge(priced, step.idempotencyKey()),
                with ->
                    with.retry(RetryPolicy.exponential(Duration.ofMillis(50)))
                        .timeout(ofSeconds(30)))
            .run("confirm", paid -> mailer.confirm(paid))
            .build();
    return processOrder;
  }

  private Workflow<Order, Paid> orderBody() {
    Workflow<Order, Paid> processOrder =
        Workflow.of(
            "process_order",
            Order.class,
            Paid.class,
            (order, step) -> {
              Priced priced = new Priced(order.id(), order.cents(), order.cents() / 5);
              Paid paid =
                  step.run(
                      "charge",
                      Paid.class,
                      () -> payments.charge(priced, step.idempotencyKey()),
                      with ->
                          with.retry(RetryPolicy.exponential(Duration.ofMillis(50)))
                              .timeout(ofSeconds(30)));
              step.run("confirm", () -> mailer.confirm(paid));
              return paid;
            },
            with -> with.timeout(ofMinutes(30)));
    return processOrder;
  }

  @Test
  void oneBody() {
    Workflow<Order, Paid> processOrder = orderBody();
    try (Durable durable = db.start(processOrder)) {
      ExecutionHandle<Paid> handle =
          durable.start(processOrder, new Order("order-124", "Ada", 4_200));
      assertThat(handle.result(ofSeconds(30)).chargeId()).startsWith("ch_");
      assertThat(durable.steps(handle.id()))
          .extracting(row -> row.path() + " " + row.status().text())
          .containsExactly(
              "body/charge failed",
              "body/charge completed",
              "body/confirm completed",
              "body completed");
    }
    assertThat(mailer.mails).hasValue(1);
  }

  @Test
  void gettingStarted() {
    Workflow<Order, Paid> processOrder = processOrder();
    Order order = new Order("order-123", "Ada", 4_200);

    try (Durable durable =
        Durable.on(dataSource).register(processOrder).migrate(true).startWorker()) {
      ExecutionHandle<Paid> handle = durable.start(processOrder, order, o -> o.key(order.id()));
      Paid paid = handle.result(ofSeconds(30));

      assertThat(paid.chargeId()).startsWith("ch_");
      assertThat(durable.start(processOrder, order, o -> o.key(order.id())).isNew()).isFalse();
    }
    assertThat(mailer.mails).hasValue(1);
  }

  @Test
  void migrations() throws SQLException {
    try (TestDatabase other = TestDatabase.empty();
        Connection connection = other.dataSource().getConnection()) {
      DurableMigration.on(connection).prefix("my_app_durable").up();

      assertThat(DurableMigration.on(connection).prefix("my_app_durable").pendingVersions())
          .isEmpty();
    }
  }

  @Test
  void options() {
    Workflow<String, String> workflow =
        Workflow.define("trim", String.class)
            .step(
                "trim",
                String::strip,
                with -> {
                  with.timeout(ofSeconds(30));
                  with.retry(RetryPolicy.constant(ofSeconds(1)));
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, " a ").result(ofSeconds(30))).isEqualTo("a");
    }
  }

  @Test
  void retries() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> workflow =
        Workflow.define("call_partner", String.class)
            .step(
                "call",
                request -> {
                  if (request.isBlank()) {
                    throw new NonRetryableException("There is nothing to send.");
                  }
                  if (calls.incrementAndGet() == 1) {
                    throw new RetryAfterException("The partner is busy.", Duration.ofMillis(100));
                  }
                  return "accepted " + request;
                },
                with ->
                    with.retry(
                        RetryPolicy.exponential(ofSeconds(1))
                            .maxAttempts(5)
                            .cap(ofMinutes(10))
                            .jitter(0.2)
                            .doNotRetryOn(IllegalArgumentException.class)))
            .build();
    try (Durable durable = Durable.on(dataSource).register(workflow).startWorker()) {
      assertThat(durable.start(workflow, "a").result(ofSeconds(30))).isEqualTo("accepted a");
    }
  }

  @Test
  void effects() {
    AtomicInteger mails = new AtomicInteger();
    Workflow<Order, String> onboarding =
        Workflow.of(
            "onboarding",
            Order.class,
            String.class,
            (order, step) -> {
              String account =
                  step.run("create account", String.class, () -> "acc-" + order.customer());
              step.run(
                  "send mail",
                  () -> mails.incrementAndGet(),
                  with ->
                      with.timeout(ofSeconds(10))
                          .retry(RetryPolicy.exponential(ofSeconds(1)).maxAttempts(5)));
              return account;
            });
    try (Durable durable = Durable.on(dataSource).register(onboarding).startWorker()) {
      assertThat(durable.start(onboarding, new Order("o", "Ada", 1)).result(ofSeconds(30)))
          .isEqualTo("acc-Ada");
    }
    assertThat(mails).hasValue(1);
  }

  @Test
  void transactions() {
    db.script("create table stock (sku text primary key, left_over int not null)");
    db.script("insert into stock values ('book', 5)");
    Workflow<String, Integer> reserve =
        Workflow.define("reserve", String.class)
            .transaction(
                "take_from_stock",
                Integer.class,
                (sku, tx) -> {
                  try (PreparedStatement update =
                      tx.connection()
                          .prepareStatement(
                              "update stock set left_over = left_over - 1 where sku = ?")) {
                    update.setString(1, sku);
                    return update.executeUpdate();
                  }
                })
            .build();
    try (Durable durable = Durable.on(dataSource).register(reserve).startWorker()) {
      assertThat(durable.start(reserve, "book").result(ofSeconds(30))).isEqualTo(1);
    }
    assertThat(db.number("select left_over from stock")).isEqualTo(4);
  }

  String ship(Order order, StepContext<Order> step) throws Exception {
    TransactionEffect<Order, Integer> take =
        tx -> {
          try (PreparedStatement update =
              tx.connection().prepareStatement("update shelf set left_over = left_over - 1")) {
            return update.executeUpdate();
          }
        };
    step.transaction("take from shelf", Integer.class, take);
    return step.run("print", String.class, () -> "To " + order.customer());
  }

  @Test
  void aBodyThatIsAMethod() {
    db.script("create table shelf (left_over int not null)");
    db.script("insert into shelf values (5)");
    Workflow<Order, String> shipOrder =
        Workflow.of("ship_order", Order.class, String.class, this::ship);
    try (Durable durable = Durable.on(dataSource).register(shipOrder).startWorker()) {
      assertThat(durable.start(shipOrder, new Order("o", "Ada", 7)).result(ofSeconds(30)))
          .isEqualTo("To Ada");
    }
    assertThat(db.number("select left_over from shelf")).isEqualTo(4);
  }

  @Test
  void atMostOnceAndEarlierResults() {
    Workflow<Order, String> letter =
        Workflow.define("print_letter", Order.class)
            .step("price", Priced.class, order -> new Priced(order.id(), order.cents(), 0))
            .step(
                "print",
                String.class,
                priced -> "printed " + priced.id(),
                with -> with.atMostOnce())
            .step(
                "archive",
                (text, step) ->
                    text + " for " + step.result(StepRef.of("price", Priced.class)).cents())
            .build();
    try (Durable durable = Durable.on(dataSource).register(letter).startWorker()) {
      assertThat(durable.start(letter, new Order("o", "Ada", 7)).result(ofSeconds(30)))
          .isEqualTo("printed o for 7");
    }
  }

  @Test
  void startOptionsAndTransactions() throws SQLException {
    Workflow<Order, Paid> processOrder = processOrder();
    Order order = new Order("order-9", "Ada", 4_200);
    try (Durable durable =
        Durable.on(dataSource)
            .register(processOrder)
            .worker(w -> w.queue("vip", q -> q.concurrency(20)))
            .startWorker()) {
      durable.start(
          processOrder,
          order,
          o ->
              o.key("order-9")
                  .queue("vip")
                  .priority(5)
                  .delay(Duration.ofMillis(200))
                  .tag("tenant", "acme"));

      UUID id;
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        // ... the application's own statements ...
        id = durable.using(connection).start(processOrder, order).id();
        connection.commit();
      }
      Paid paid = durable.handle(id, processOrder).result(ofSeconds(30));

      assertThat(paid.id()).isEqualTo("order-9");
      Optional<Execution> found = durable.find("process_order", "order-9");
      durable.handle(found.orElseThrow().id()).result(ofSeconds(30));
      Map<ExecutionStatus, Long> counts =
          durable.countByStatus(q -> q.workflow("process_order").tag("tenant", "acme"));
      long completed = counts.getOrDefault(ExecutionStatus.COMPLETED, 0L);
      assertThat(completed).isEqualTo(1);
      ExecutionHandle<Paid> again =
          durable.start(processOrder, order, o -> o.key("order-9").ifEnded(IfEnded.RESTART));
      assertThat(again.isNew()).isTrue();
      assertThat(again.result(ofSeconds(30)).id()).isEqualTo("order-9");
    }
  }

  @Test
  void operating() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> workflow =
        Workflow.define("import", String.class)
            .step(
                "load",
                file -> {
                  if (calls.incrementAndGet() == 1) {
                    throw new IllegalStateException("disk full");
                  }
                  return "loaded " + file;
                })
            .build();
    try (Durable durable = Durable.on(dataSource).register(workflow).startWorker()) {
      ExecutionHandle<String> failing =
          durable.start(workflow, "a.csv", o -> o.tag("tenant", "acme"));
      failing.future().handle((result, failure) -> failure).join();

      Instant today = Instant.now().minus(Duration.ofDays(1));
      Page<Execution> failed =
          durable.executions(
              q ->
                  q.workflow("import")
                      .status(ExecutionStatus.FAILED)
                      .tag("tenant", "acme")
                      .since(today)
                      .limit(20));
      for (Execution execution : failed.items()) {
        List<StepExecution> history = durable.steps(execution.id());
        System.out.println(execution.error().message() + " after " + history.size() + " attempts");
        durable.retry(execution.id());
      }

      assertThat(failing.result(ofSeconds(30))).isEqualTo("loaded a.csv");
    }
  }

  @Test
  void clients() {
    Workflow<Order, Paid> processOrder = processOrder();
    try (Durable worker = Durable.on(dataSource).register(processOrder).startWorker();
        Durable client = Durable.on(dataSource).build()) {
      String json =
          client
              .start("process_order", "{\"id\": \"o-1\", \"customer\": \"Ada\", \"cents\": 100}")
              .result(ofSeconds(30));

      assertThat(json).contains("ch_");
      assertThat(worker.executions(q -> q.workflow("process_order")).items()).isNotEmpty();
    }
  }

  @Test
  void lifecycle() {
    Workflow<String, String> first =
        Workflow.define("one", String.class).step("greet", name -> "Hello " + name).build();
    Workflow<String, String> second =
        Workflow.define("two", String.class).step("greet", name -> "Hello " + name).build();
    Durable durable = Durable.on(dataSource).build();
    durable.register(first, second);
    Worker worker = durable.startWorker();
    worker.pause();
    worker.resume();
    worker.close();
    durable.close();
    assertThat(worker.isAlive()).isFalse();
  }

  @Test
  void versions() {
    Workflow<String, String> first =
        Workflow.define("greet", String.class).step("greet", name -> "Hello " + name).build();
    Workflow<String, String> second =
        Workflow.define("greet", String.class, with -> with.version(2))
            .step("trim", String::trim)
            .step("greet", name -> "Hello " + name)
            .build();
    try (Durable durable = Durable.on(dataSource).register(first, second).startWorker()) {
      assertThat(durable.start(second, " Ada ").result(ofSeconds(30))).isEqualTo("Hello Ada");
      List<String> lines = new ArrayList<>();
      for (DeployedWorkflow deployed : durable.workflows()) {
        String line =
            "%s v%d %s: %d open, on %s"
                .formatted(
                    deployed.name(),
                    deployed.version(),
                    deployed.fingerprint(),
                    deployed.open(),
                    deployed.workers());
        lines.add(line);
      }
      assertThat(lines)
          .anyMatch(line -> line.startsWith("greet v2 " + second.fingerprint() + ": 0 open, on ["));
    }
  }
}
