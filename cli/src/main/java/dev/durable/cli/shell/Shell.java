package dev.durable.cli.shell;

import static java.time.Duration.ofDays;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.examples.checkout.CheckoutWorkflows;
import dev.durable.examples.expense.Expense;
import dev.durable.examples.expense.ExpenseWorkflow;
import dev.durable.examples.payment.Invoice;
import dev.durable.examples.payment.PaymentWorkflow;
import dev.durable.examples.trip.FakeAgency;
import dev.durable.examples.trip.Trip;
import dev.durable.examples.trip.TripWorkflow;
import dev.durable.workflow.Workflow;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The objects behind the variables of the shell. Snippets run in this JVM, so they reach the same
 * worker; a static method is the only way there.
 */
public final class Shell {

  /** Books a trip and pays for it, or gives everything back. */
  public static final Workflow<Trip, Trip> TRIP =
      TripWorkflow.definition(new FakeAgency(System.out::println));

  /** Waits three days for an approval. */
  public static final Workflow<Expense, Expense> EXPENSE =
      ExpenseWorkflow.definition(ofDays(3), System.out::println);

  /** Waits a week for the event {@link PaymentWorkflow#PAID}. */
  public static final Workflow<Invoice, Invoice> INVOICE = PaymentWorkflow.definition(ofDays(7));

  /** Calls a payment as a child; the input is an amount in cents. */
  public static final Workflow<Integer, String> ORDER = CheckoutWorkflows.ORDER;

  private static @Nullable Open open;

  private Shell() {}

  /** The running worker. */
  public static Durable durable() {
    return current().durable;
  }

  /** The embedded database, for a worker with workflows of your own. */
  public static DataSource dataSource() {
    return current().pool;
  }

  /** Starts the worker; {@link #durable} returns it from now on. */
  static AutoCloseable open(DataSource database) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(database);
    HikariDataSource pool = new HikariDataSource(config);
    Durable durable =
        Durable.on(pool)
            .migrate(true)
            .register(
                TRIP, EXPENSE, INVOICE, ORDER, CheckoutWorkflows.PAYMENT, CheckoutWorkflows.MAIL)
            .startWorker();
    open = new Open(pool, durable);
    return open;
  }

  private static Open current() {
    return Objects.requireNonNull(open, "the shell is not open");
  }

  private record Open(HikariDataSource pool, Durable durable) implements AutoCloseable {

    @Override
    public void close() {
      durable.close();
      pool.close();
    }
  }
}
