package dev.durable.examples.shop;

import static java.time.Duration.ofDays;

import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;

/** The order as one body: ordinary code with remembered effects, waits and children. */
public final class ShopOrder {

  private final Shop shop;
  private final Workflow<ShipmentRequest, BookedShipment> shipment;

  private ShopOrder(Shop shop) {
    this.shop = shop;
    this.shipment = ShopRules.shipment(shop);
  }

  /** The definition. */
  public static Workflow<PlaceOrder, Receipt> definition(Shop shop) {
    return Workflow.of(
        "shop_order",
        PlaceOrder.class,
        Receipt.class,
        new ShopOrder(shop)::order,
        ShopRules::options);
  }

  private Receipt order(PlaceOrder order, StepContext<PlaceOrder> step) throws Exception {
    if (order.lines().isEmpty()) {
      throw new NonRetryableException("No lines");
    }
    step.transaction(
        "reserve",
        tx -> shop.reserve(order, tx.connection()),
        with -> with.compensate("release", nothing -> shop.release(order)));
    var checks = step.parallel("checks");
    var risk = checks.run("risk", Integer.class, () -> shop.risk(order));
    var tax = checks.run("tax", Integer.class, () -> shop.tax(order));
    checks.join();
    if (ShopRules.needsReview(order, risk.get())) {
      Review review = step.ask("review", ShopRules.review(order, shop), ofDays(2)).orElseThrow();
      if (!review.accepted()) {
        throw new NonRetryableException("Rejected by sales: " + review.note());
      }
    }
    MoneyReceived payment = step.await(ShopRules.PAYMENT, ofDays(3)).orElseThrow();
    step.onCompensate("refund", undo -> shop.refund(payment));
    var parcels =
        step.forEach(
            "pick",
            String.class,
            order.lines(),
            (line, each) ->
                each.run(
                    "take",
                    String.class,
                    () -> shop.pick(line, each.idempotencyKey()),
                    with -> with.compensate("put_back", shop::putBack)),
            with -> with.concurrency(4));
    var request = new ShipmentRequest(order.id(), parcels.completed());
    BookedShipment shipped = step.call("ship", shipment, request);
    step.onCompensate("call_off", undo -> shop.callOff(shipped));
    step.run(
        "confirm",
        () -> shop.mail(order.customer(), "shipped: " + shipped.tracking(), step.idempotencyKey()));
    return new Receipt(order.id(), payment.cents(), tax.get(), shipped.tracking());
  }
}
