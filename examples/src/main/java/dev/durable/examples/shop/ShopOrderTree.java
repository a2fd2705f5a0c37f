package dev.durable.examples.shop;

import static java.time.Duration.ofDays;

import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.Workflow;

/** The same order as a tree: each node is known by its name, and the whole can be drawn. */
public final class ShopOrderTree {

  private ShopOrderTree() {}

  /** The definition. */
  public static Workflow<PlaceOrder, Receipt> definition(Shop shop) {
    return Workflow.define("shop_order_tree", PlaceOrder.class, ShopRules::options)
        .step("validate", OrderState.class, ShopOrderTree::validate)
        .runInTransaction(
            "reserve",
            (state, tx) -> shop.reserve(state.order(), tx.connection()),
            with -> with.compensate("release", state -> shop.release(state.order())))
        .parallel(
            "checks",
            par -> {
              var risk = par.step("risk", Integer.class, state -> shop.risk(state.order()));
              var tax = par.step("tax", Integer.class, state -> shop.tax(state.order()));
              return par.join(
                  (state, found) -> state.checked(new Checks(found.get(risk), found.get(tax))));
            })
        .when(
            "needs_review",
            OrderState::needsReview,
            path ->
                path.ask(
                    "review",
                    state -> ShopRules.review(state.order(), shop),
                    ShopOrderTree::reviewed,
                    with -> with.timeout(ofDays(2))))
        .await(
            "payment",
            ShopRules.PAYMENT,
            OrderState::paid,
            with ->
                with.timeout(ofDays(3))
                    .compensate("refund", state -> shop.refund(state.requirePayment())))
        .forEach(
            "pick",
            PlaceOrder.Line.class,
            state -> state.order().lines(),
            each ->
                each.step(
                    "take",
                    String.class,
                    (line, step) -> shop.pick(line, step.idempotencyKey()),
                    with -> with.compensate("put_back", shop::putBack)),
            (state, parcels) -> state.picked(parcels.completed()),
            with -> with.concurrency(4))
        .call(
            "ship",
            ShopRules.shipment(shop),
            OrderState::shipmentRequest,
            OrderState::shipped,
            with -> with.compensate("call_off", state -> shop.callOff(state.requireShipment())))
        .step("receipt", Receipt.class, OrderState::receipt)
        .run(
            "confirm",
            (receipt, step) ->
                shop.mail(
                    step.input().customer(),
                    "shipped: " + receipt.tracking(),
                    step.idempotencyKey()))
        .build();
  }

  private static OrderState validate(PlaceOrder order) {
    if (order.lines().isEmpty()) {
      throw new NonRetryableException("No lines");
    }
    return OrderState.of(order);
  }

  private static OrderState reviewed(OrderState state, Review review) {
    if (!review.accepted()) {
      throw new NonRetryableException("Rejected by sales: " + review.note());
    }
    return state;
  }
}
