package dev.durable.examples.shop;

import static java.time.Duration.ofSeconds;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.examples.Waiting;
import dev.durable.examples.shop.PlaceOrder.Line;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.OpenQuestion;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** The same orders as a body and as a tree: one is shipped, one cancelled, one has to be undone. */
public final class ShopExample implements Example {

  private static final Line CHAIR = new Line("chair", 2, 30_000);
  private static final Line TABLE = new Line("table", 1, 90_000);

  @Override
  public String name() {
    return "shop";
  }

  @Override
  public String summary() {
    return "a larger order, as one body and as a tree: reviewed, paid, picked, shipped, or undone";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    Shop shop = new FakeShop(dataSource, out);
    var body = ShopOrder.definition(shop);
    var tree = ShopOrderTree.definition(shop);
    try (Durable durable =
        Durable.on(dataSource)
            .migrate(true)
            .register(body, tree, ShopRules.shipment(shop))
            .startWorker()) {
      for (Workflow<PlaceOrder, Receipt> form : List.of(body, tree)) {
        out.accept("As " + form.name() + ":");
        ship(durable, form, out);
        cancel(durable, form, out);
        undo(durable, form, out);
      }
    }
  }

  private static void ship(
      Durable durable, Workflow<PlaceOrder, Receipt> form, Consumer<String> out) {
    var large = new PlaceOrder("o-1", "ada", List.of(CHAIR, TABLE));
    ExecutionHandle<Receipt> order = durable.start(form, large);
    OpenQuestion question = Waiting.question(durable, order.id());
    out.accept("  asked " + String.join(", ", question.assignees()) + ": " + question.prompt());
    durable.questions().answer(order.id(), "review", new Review(true, null), "jane");
    durable.send(order.id(), ShopRules.PAYMENT, new MoneyReceived("p-1", large.cents()));
    out.accept("  => " + order.result(ofSeconds(30)));
  }

  private static void cancel(
      Durable durable, Workflow<PlaceOrder, Receipt> form, Consumer<String> out) {
    ExecutionHandle<Receipt> order =
        durable.start(form, new PlaceOrder("o-2", "bob", List.of(CHAIR)));
    Waiting.atRest(durable, order.id());
    out.accept("Bob cancels before he pays:");
    durable.cancel(order.id());
    out.accept("  => " + Waiting.ended(durable, order.id()).text());
  }

  private static void undo(
      Durable durable, Workflow<PlaceOrder, Receipt> form, Consumer<String> out) {
    var nameless = new PlaceOrder("o-3", "", List.of(CHAIR));
    out.accept("An order whose confirmation cannot be sent:");
    ExecutionHandle<Receipt> order = durable.start(form, nameless);
    durable.send(order.id(), ShopRules.PAYMENT, new MoneyReceived("p-3", nameless.cents()));
    out.accept("  => " + Waiting.ended(durable, order.id()).text());
  }
}
