package dev.durable.examples.shop;

import static dev.durable.workflow.CompensationTrigger.CANCEL;
import static dev.durable.workflow.CompensationTrigger.TIMEOUT;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowOptions;

/** What both forms of the order share: the event, the question, the options and the child. */
public final class ShopRules {

  /** The payment has come. */
  public static final Event<MoneyReceived> PAYMENT =
      Event.of("payment.success", MoneyReceived.class);

  private static final int LARGE = 100_000;
  private static final int RISKY = 50;

  private static final RetryPolicy REMOTE =
      RetryPolicy.exponential(ofMillis(100)).maxAttempts(4).cap(ofMinutes(1)).jitter(0.2);

  private ShopRules() {}

  static void options(WorkflowOptions with) {
    with.timeout(ofDays(30)).retry(REMOTE).compensateOn(CANCEL, TIMEOUT);
  }

  static boolean needsReview(PlaceOrder order, int risk) {
    return order.cents() > LARGE || risk > RISKY;
  }

  static Question<Review> review(PlaceOrder order, Shop shop) {
    return Question.form("Accept order " + order.id() + "?", Review.class)
        .assignee("group:sales")
        .remindEvery(
            ofHours(8),
            due -> shop.mail("sales", order.id() + " still waits", due.idempotencyKey()));
  }

  /** The shipment: a workflow of its own. */
  public static Workflow<ShipmentRequest, BookedShipment> shipment(Shop shop) {
    return Workflow.define("shipment", ShipmentRequest.class, with -> with.retry(REMOTE))
        .step(
            "book",
            BookedShipment.class,
            (request, step) -> shop.ship(request, step.idempotencyKey()),
            with -> with.timeout(ofSeconds(20)))
        .build();
  }
}
