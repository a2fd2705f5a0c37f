package dev.durable.examples;

import dev.durable.examples.checkout.CheckoutExample;
import dev.durable.examples.dashboard.DashboardExample;
import dev.durable.examples.expense.ExpenseExample;
import dev.durable.examples.mailer.MailerExample;
import dev.durable.examples.payment.PaymentExample;
import dev.durable.examples.report.ReportExample;
import dev.durable.examples.shop.ShopExample;
import dev.durable.examples.tenants.TenantsExample;
import dev.durable.examples.trial.TrialExample;
import dev.durable.examples.trip.TripExample;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** A small program that shows a part of Durable. */
public interface Example {

  /** Its name on the command line. */
  String name();

  /** A description in one line. */
  String summary();

  /**
   * Runs it.
   *
   * @param dataSource an empty database, or the one of an earlier run
   * @param out takes the output, line by line
   */
  void run(DataSource dataSource, Consumer<String> out);

  /** Every example. */
  static List<Example> all() {
    return List.of(
        new TripExample(),
        new DashboardExample(),
        new MailerExample(),
        new ExpenseExample(),
        new PaymentExample(),
        new TrialExample(),
        new CheckoutExample(),
        new ShopExample(),
        new ReportExample(),
        new TenantsExample());
  }
}
