package dev.durable.examples.payment;

import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.Workflow;
import java.time.Duration;

/** Sends an invoice, and waits for the webhook of the payment provider. */
public final class PaymentWorkflow {

  /** The event that the webhook sends. */
  public static final Event<Invoice.Paid> PAID = Event.of("payment.success", Invoice.Paid.class);

  private PaymentWorkflow() {}

  /**
   * The definition.
   *
   * @param patience the time that the customer has
   */
  public static Workflow<Invoice, Invoice> definition(Duration patience) {
    return Workflow.define("invoice", Invoice.class)
        .step("send", invoice -> invoice.now("sent"))
        .await("payment", PAID, with -> with.timeout(patience), PaymentWorkflow::settle)
        .build();
  }

  private static Invoice settle(Invoice invoice, WaitOutcome<Invoice.Paid> outcome) {
    return switch (outcome) {
      case WaitOutcome.Received<Invoice.Paid>(Invoice.Paid paid) ->
          invoice.now(paid.cents() < invoice.cents() ? "underpaid" : "paid by " + paid.reference());
      case WaitOutcome.TimedOut<Invoice.Paid> late -> invoice.now("overdue");
      case WaitOutcome.Cancelled<Invoice.Paid> cancelled -> invoice.now("written off");
    };
  }
}
