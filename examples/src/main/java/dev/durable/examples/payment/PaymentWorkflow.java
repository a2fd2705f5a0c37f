package dev.durable.examples.payment;

import dev.durable.wait.Event;
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
        .await(
            "payment",
            PAID,
            PaymentWorkflow::settle,
            with ->
                with.timeout(patience)
                    .onTimeout(invoice -> invoice.now("overdue"))
                    .onCancel(invoice -> invoice.now("written off")))
        .build();
  }

  private static Invoice settle(Invoice invoice, Invoice.Paid paid) {
    return invoice.now(
        paid.cents() < invoice.cents() ? "underpaid" : "paid by " + paid.reference());
  }
}
