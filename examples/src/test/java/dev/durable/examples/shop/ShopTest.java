package dev.durable.examples.shop;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.examples.Waiting;
import dev.durable.examples.shop.PlaceOrder.Line;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both forms of the order do the same. */
class ShopTest {

  private static final Line CHAIR = new Line("chair", 2, 30_000);
  private static final Line TABLE = new Line("table", 1, 90_000);

  private static final List<String> LINES = new CopyOnWriteArrayList<>();

  private static EmbeddedPostgres postgres;
  private static DataSource database;
  private static Workflow<PlaceOrder, Receipt> body;
  private static Workflow<PlaceOrder, Receipt> tree;
  private static Durable durable;

  @BeforeAll
  static void start() {
    postgres = EmbeddedPostgres.temporary();
    database = postgres.createDatabase("shop");
    Shop shop = new FakeShop(database, LINES::add);
    body = ShopOrder.definition(shop);
    tree = ShopOrderTree.definition(shop);
    durable =
        Durable.on(database)
            .migrate(true)
            .worker(w -> w.pollInterval(ofMillis(20)))
            .register(body, tree, ShopRules.shipment(shop))
            .startWorker();
  }

  @AfterAll
  static void stop() {
    durable.close();
    postgres.close();
  }

  @BeforeEach
  void forget() {
    LINES.clear();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("An order that is reviewed, paid, picked and shipped has the same receipt in both")
  void shipped(boolean asBody) {
    var large = new PlaceOrder("large", "ada", List.of(CHAIR, TABLE));
    ExecutionHandle<Receipt> order = durable.start(form(asBody), large);
    Waiting.question(durable, order.id());
    durable.questions().answer(order.id(), "review", new Review(true, null), "jane");
    pay(order, large);
    assertThat(order.result(ofSeconds(30)))
        .isEqualTo(new Receipt("large", 150_000, 28_500, "T-large"));
    assertThat(LINES)
        .containsExactlyInAnyOrder(
            "  picked chair", "  picked table", "  mail to ada: shipped: T-large");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("An order that sales rejects gives its stock back")
  void rejected(boolean asBody) throws SQLException {
    var large = new PlaceOrder("rejected", "ada", List.of(CHAIR, TABLE));
    ExecutionHandle<Receipt> order = durable.start(form(asBody), large);
    Waiting.question(durable, order.id());
    assertThat(reserved("rejected")).isEqualTo(2);
    durable.questions().answer(order.id(), "review", new Review(false, "a joke"), "jane");
    assertThat(Waiting.ended(durable, order.id())).isEqualTo(ExecutionStatus.COMPENSATED);
    assertThat(durable.find(order.id()).orElseThrow().error().message())
        .isEqualTo("Rejected by sales: a joke");
    assertThat(reserved("rejected")).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("An order that is cancelled before its payment gives its stock back")
  void cancelled(boolean asBody) throws SQLException {
    ExecutionHandle<Receipt> order =
        durable.start(form(asBody), new PlaceOrder("cancelled", "bob", List.of(CHAIR)));
    Waiting.atRest(durable, order.id());
    assertThat(reserved("cancelled")).isEqualTo(1);
    durable.cancel(order.id());
    assertThat(Waiting.ended(durable, order.id())).isEqualTo(ExecutionStatus.COMPENSATED);
    assertThat(reserved("cancelled")).isZero();
    assertThat(LINES).containsExactly("  released 1 lines of cancelled");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("An order that fails at its end is undone from the end to the beginning")
  void undone(boolean asBody) throws SQLException {
    var nameless = new PlaceOrder("nameless", "", List.of(CHAIR));
    ExecutionHandle<Receipt> order = durable.start(form(asBody), nameless);
    pay(order, nameless);
    assertThat(Waiting.ended(durable, order.id())).isEqualTo(ExecutionStatus.COMPENSATED);
    assertThat(LINES)
        .containsExactly(
            "  picked chair",
            "  called off T-nameless",
            "  put back the parcel of chair",
            "  refunded 60000 cents",
            "  released 1 lines of nameless");
    assertThat(durable.find(order.id()).orElseThrow().compensations())
        .extracting(CompensationResult::handler)
        .containsExactly("call_off", "put_back", "refund", "release");
  }

  private static Workflow<PlaceOrder, Receipt> form(boolean asBody) {
    return asBody ? body : tree;
  }

  private static void pay(ExecutionHandle<Receipt> order, PlaceOrder what) {
    durable.send(order.id(), ShopRules.PAYMENT, new MoneyReceived("p-" + what.id(), what.cents()));
  }

  private static int reserved(String order) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from shop_reservations where order_id = '" + order + "'")) {
      row.next();
      return row.getInt(1);
    }
  }
}
