package dev.durable.examples.checkout;

import static java.time.Duration.ofSeconds;

import dev.durable.Durable;
import dev.durable.examples.Example;
import dev.durable.examples.Waiting;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** One order that is paid, and one whose card is declined. */
public final class CheckoutExample implements Example {

  private static final int CHAIR = 30_000;
  private static final int BOAT = 900_000;

  @Override
  public String name() {
    return "order";
  }

  @Override
  public String summary() {
    return "an order calls its payment, another workflow, and starts a mail without waiting for it";
  }

  @Override
  public void run(DataSource dataSource, Consumer<String> out) {
    try (Durable durable =
        Durable.on(dataSource)
            .migrate(true)
            .register(CheckoutWorkflows.ORDER, CheckoutWorkflows.PAYMENT, CheckoutWorkflows.MAIL)
            .startWorker()) {
      order(durable, "A chair", CHAIR, out);
      order(durable, "A boat", BOAT, out);
    }
  }

  private static void order(Durable durable, String what, int cents, Consumer<String> out) {
    ExecutionHandle<String> order = durable.start(CheckoutWorkflows.ORDER, cents);
    out.accept(what + " for " + cents + " cents:");
    out.accept("  => " + order.result(ofSeconds(30)));
    for (Execution child : durable.children(order.id())) {
      ExecutionStatus end = Waiting.ended(durable, child.id());
      out.accept("     its child " + child.workflow() + ": " + end.text());
    }
  }
}
