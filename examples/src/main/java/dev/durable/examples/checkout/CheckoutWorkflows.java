package dev.durable.examples.checkout;

import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.ParentClosePolicy;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;

/** An order, the payment that it calls, and the mail that it starts without waiting. */
public final class CheckoutWorkflows {

  /** The most that a card may be charged. */
  private static final int CARD_LIMIT = 100_000;

  /** The payment: a workflow of its own, with its own history and retries. */
  public static final Workflow<Integer, String> PAYMENT =
      Workflow.define("payment", Integer.class)
          .run("authorise", CheckoutWorkflows::authorise)
          .step("charge", String.class, cents -> "charged " + cents + " cents")
          .build();

  /** A mail; the order does not wait for it. */
  public static final Workflow<String, String> MAIL =
      Workflow.define("mail", String.class).step("send", text -> "sent: " + text).build();

  /** The order. */
  public static final Workflow<Integer, String> ORDER =
      Workflow.of("order", Integer.class, String.class, CheckoutWorkflows::order);

  private CheckoutWorkflows() {}

  private static String order(Integer cents, StepContext<Integer> step) {
    try {
      String receipt = step.call("pay", PAYMENT, cents, Duration.ofMinutes(1)).orElseThrow();
      mail(step, "Thank you!");
      return receipt;
    } catch (ChildFailedException declined) {
      mail(step, "Please use another card.");
      return "not paid: " + declined.error().message();
    }
  }

  private static void mail(StepContext<Integer> step, String text) {
    step.start("mail", MAIL, text, with -> with.onParentClose(ParentClosePolicy.ABANDON));
  }

  private static void authorise(Integer cents) {
    if (cents > CARD_LIMIT) {
      throw new NonRetryableException("The card's limit is " + CARD_LIMIT + " cents.");
    }
  }
}
