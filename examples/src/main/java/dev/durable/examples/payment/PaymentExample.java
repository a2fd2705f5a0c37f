package dev.durable.examples.payment;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.examples.Waiting;
import dev.durable.execution.ExecutionHandle;
import dev.durable.wait.Delivery;
import dev.durable.workflow.Workflow;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** A webhook that is sent twice, and one that does not come in time. */
public final class PaymentExample implements Example {

  @Override
  public String name() {
    return "payment";
  }

  @Override
  public String summary() {
    return "a webhook: sent twice and received once, across a deploy, or too late";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    Workflow<Invoice, Invoice> week = PaymentWorkflow.definition(ofDays(7));
    ExecutionHandle<Invoice> waiting;
    try (Durable before = Durable.on(dataSource).migrate(true).register(week).startWorker()) {
      waiting = before.start(week, new Invoice("R-1", 4_200, ""));
      Waiting.atRest(before, waiting.id());
      out.accept("Invoice R-1 waits for its payment, for up to 7 days.");
    }
    out.accept("No worker is running. The webhook comes, and comes again:");
    try (Durable webhook = Durable.on(dataSource).build()) {
      out.accept("  " + pay(webhook, waiting));
      out.accept("  " + pay(webhook, waiting));
    }
    try (Durable after = Durable.on(dataSource).register(week).startWorker()) {
      ExecutionHandle<Invoice> same = after.handle(waiting.id(), week);
      out.accept("  => " + requireNonNull(same.result(ofSeconds(30))).status());
      out.accept("The webhook comes once more, under another number:");
      out.accept(
          "  " + after.send(waiting.id(), PaymentWorkflow.PAID, new Invoice.Paid(4_200, "T-78")));
    }
    Workflow<Invoice, Invoice> second = PaymentWorkflow.definition(ofSeconds(1));
    try (Durable durable = Durable.on(dataSource).register(second).startWorker()) {
      out.accept("Invoice R-2 waits for a second.");
      Invoice late =
          requireNonNull(durable.start(second, new Invoice("R-2", 100, "")).result(ofSeconds(30)));
      out.accept("  => " + late.status());
    }
  }

  /** The provider's own number makes sending twice harmless. */
  private static Delivery pay(Durable webhook, ExecutionHandle<Invoice> invoice) {
    return webhook.send(
        invoice.id(),
        PaymentWorkflow.PAID,
        new Invoice.Paid(4_200, "T-77"),
        with -> with.idempotencyKey("T-77"));
  }
}
