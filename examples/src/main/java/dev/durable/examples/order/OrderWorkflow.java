package dev.durable.examples.order;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;

/**
 * An order from the cart to the confirmation mail, in five steps.
 *
 * <p>Each step gets the result of the step before. When it has returned, its result is committed,
 * and it never runs again: not after a failure of a later step, not after a crash, not on another
 * worker.
 */
public final class OrderWorkflow {

  /** The workflow's name. */
  public static final String NAME = "process_order";

  /** The queue that orders run in. */
  public static final String QUEUE = "orders";

  private static final StepRef<Payment> CHARGE = StepRef.of("charge", Payment.class);

  private static final RetryPolicy PATIENT =
      RetryPolicy.exponential(ofMillis(150)).maxAttempts(5).jitter(0.2);

  private OrderWorkflow() {}

  /** The workflow on these services. */
  public static Workflow<Order, Confirmation> on(Services services) {
    return Workflow.define(
            NAME, Order.class, with -> with.queue(QUEUE).timeout(ofMinutes(30)).retry(PATIENT))
        .step("validate", OrderRules::check)
        .step("price", Price.class, Price::of)
        .step(
            "charge",
            Payment.class,
            (price, step) -> services.charge(step.input(), price, step.idempotencyKey()),
            with -> with.timeout(ofSeconds(10)))
        .step(
            "ship",
            Shipment.class,
            (payment, step) -> services.ship(step.input(), step.idempotencyKey()),
            with -> with.timeout(ofSeconds(10)))
        .step(
            "confirm",
            Confirmation.class,
            (shipment, step) -> {
              Order order = step.input();
              Confirmation done = new Confirmation(order.id(), step.result(CHARGE), shipment);
              services.mail(order.customer(), done, step.idempotencyKey());
              return done;
            })
        .build();
  }
}
