package dev.durable.examples.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.examples.order.fake.FakeServices;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.StepExecution;
import dev.durable.workflow.Workflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrderWorkflowTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private static EmbeddedPostgres postgres;
  private static HikariDataSource pool;
  private static FakeServices services;
  private static Workflow<Order, Confirmation> workflow;
  private static Durable durable;

  @BeforeAll
  static void start(@TempDir Path folder) {
    postgres = EmbeddedPostgres.temporary();
    HikariConfig config = new HikariConfig();
    config.setDataSource(postgres.dataSource());
    pool = new HikariDataSource(config);
    services = new FakeServices(folder.resolve("gateway.log"));
    workflow = OrderWorkflow.on(services);
    durable = Durable.on(pool).migrate(true).register(workflow).startWorker();
  }

  @AfterAll
  static void stop() {
    durable.close();
    services.close();
    pool.close();
    postgres.close();
  }

  @Test
  void anOrderIsPricedChargedShippedAndConfirmed() {
    ExecutionHandle<Confirmation> handle = durable.start(workflow, order("O-1", "tok", "DE"));

    Confirmation confirmation = handle.result(SOON);

    assertThat(confirmation.orderId()).isEqualTo("O-1");
    assertThat(confirmation.payment().totalCents()).isEqualTo((2 * 1_000 + 490) * 119 / 100);
    assertThat(confirmation.shipment().trackingNumber()).startsWith("PP");
    assertThat(durable.steps(handle.id()))
        .extracting(StepExecution::path)
        .containsSubsequence("validate", "price", "charge", "ship", "confirm");
  }

  @Test
  void anOrderAgainstTheRulesIsRejectedAtOnce() {
    ExecutionHandle<Confirmation> handle = durable.start(workflow, order("O-2", "tok", "VA"));

    assertThatThrownBy(() -> handle.result(SOON))
        .isInstanceOf(ExecutionFailedException.class)
        .hasMessageContaining("validate")
        .hasMessageContaining("we do not ship to VA");
    assertThat(durable.steps(handle.id())).hasSize(1);
  }

  @Test
  void aDeclinedCardIsNotTriedAgain() {
    ExecutionHandle<Confirmation> handle =
        durable.start(workflow, order("O-3", "tok_declined", "DE"));

    assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("declined");
    assertThat(durable.steps(handle.id())).hasSize(3);
  }

  @Test
  void aFlakyGatewayCostsRetriesButNoOrder() {
    List<Order> orders =
        IntStream.range(100, 160).mapToObj(i -> order("O-" + i, "tok", "DE")).toList();

    List<ExecutionHandle<Confirmation>> handles =
        durable.startAll(workflow, orders, (order, with) -> with.key(order.id()));

    Set<String> charges =
        handles.stream()
            .map(handle -> handle.result(SOON).payment().chargeId())
            .collect(Collectors.toSet());
    assertThat(charges).hasSize(60);
    assertThat(handles).anyMatch(handle -> durable.steps(handle.id()).size() > 5);
  }

  private static Order order(String id, String card, String country) {
    return new Order(
        id,
        new Order.Customer("Ann", "ann@example.com"),
        new Order.Address("Street 1", "12345", "Town", country),
        "EUR",
        card,
        List.of(new Order.Item("MUG-007", "Mug", 2, 1_000)),
        List.of());
  }
}
