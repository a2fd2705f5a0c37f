package dev.durable.testkit;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import dev.durable.examples.checkout.CheckoutWorkflows;
import dev.durable.examples.dashboard.DashboardWorkflow;
import dev.durable.examples.dashboard.Sources;
import dev.durable.examples.expense.Expense;
import dev.durable.examples.expense.ExpenseWorkflow;
import dev.durable.examples.mailer.Campaign;
import dev.durable.examples.mailer.MailerWorkflow;
import dev.durable.examples.order.Confirmation;
import dev.durable.examples.order.Order;
import dev.durable.examples.order.OrderWorkflow;
import dev.durable.examples.order.Payment;
import dev.durable.examples.order.Price;
import dev.durable.examples.order.Services;
import dev.durable.examples.order.Shipment;
import dev.durable.examples.payment.Invoice;
import dev.durable.examples.payment.PaymentWorkflow;
import dev.durable.examples.trial.Trial;
import dev.durable.examples.trial.TrialWorkflow;
import dev.durable.examples.trip.PaymentDeclinedException;
import dev.durable.examples.trip.TravelAgency;
import dev.durable.examples.trip.Trip;
import dev.durable.examples.trip.TripWorkflow;
import dev.durable.question.Approval;
import dev.durable.retry.NonRetryableException;
import java.util.List;

/** The examples. */
final class ExampleStories {

  private ExampleStories() {}

  static List<Story<?>> all() {
    return List.of(
        Story.<Order>of("order", () -> OrderWorkflow.on(new Shops()), order()),
        Story.<Trip>of("trip, paid", () -> TripWorkflow.definition(new Agency()), trip(100_000)),
        Story.<Trip>of("trip, given back", () -> TripWorkflow.definition(new Agency()), trip(1)),
        Story.<Integer>of("dashboard", () -> DashboardWorkflow.definition(new Tables()), 7),
        Story.<Campaign>of(
            "mailer",
            () ->
                MailerWorkflow.definition(
                    (to, key) -> {
                      if (to.equals("b")) {
                        throw new NonRetryableException("bounced");
                      }
                      return "sent to " + to;
                    }),
            new Campaign("hello", List.of("a", "b", "c"))),
        Story.<Expense>of(
                "expense, approved",
                () -> ExpenseWorkflow.definition(ofMinutes(1), mail -> {}),
                new Expense("Ada", "a chair", 300))
            .with(new Acts().answer("manager/manager", new Approval(true, "jane", "good"))),
        Story.<Invoice>of(
            "payment, overdue", () -> PaymentWorkflow.definition(ofMillis(20)), invoice()),
        Story.<Trial>of(
                "trial, subscribed",
                () -> TrialWorkflow.definition(ofMillis(20), (to, text) -> "m"),
                new Trial("Ada", ""))
            .with(new Acts().early(TrialWorkflow.SUBSCRIBED, "gold")),
        Story.<Integer>of(
            "checkout, paid",
            () -> CheckoutWorkflows.ORDER,
            30_000,
            CheckoutWorkflows.PAYMENT,
            CheckoutWorkflows.MAIL),
        Story.<Integer>of("checkout, declined", () -> CheckoutWorkflows.ORDER, 300_000));
  }

  private static Trip trip(int cents) {
    return new Trip("Ada", "Rome", cents, "");
  }

  private static Invoice invoice() {
    return new Invoice("R-1", 4_200, "");
  }

  private static Order order() {
    return new Order(
        "A-1",
        new Order.Customer("Ada", "ada@example.org"),
        new Order.Address("High Street 1", "12345", "Rome", "IT"),
        "EUR",
        "4242",
        List.of(new Order.Item("sku", "chair", 2, 1_500)),
        List.of());
  }

  /** The third source is away. */
  private static final class Tables implements Sources {

    @Override
    public String name(int customer) {
      return "Ada";
    }

    @Override
    public List<Integer> orders(int customer) {
      return List.of(1, 2, 3);
    }

    @Override
    public String order(int number) {
      return "order " + number;
    }

    @Override
    public String advice(int customer) {
      throw new IllegalStateException("The partner is away.");
    }
  }

  /** Books all, and sells to whoever has enough. */
  private static final class Agency implements TravelAgency {

    @Override
    public String book(String what, Trip trip, String key) {
      return what;
    }

    @Override
    public void cancel(String booking, String key) {}

    @Override
    public void pay(Trip trip, String key) {
      if (trip.cents() < 90_000) {
        throw new PaymentDeclinedException(trip.traveller());
      }
    }
  }

  /** All works. */
  private static final class Shops implements Services {

    @Override
    public Payment charge(Order order, Price price, String key) {
      return new Payment("p-1", price.totalCents(), "EUR");
    }

    @Override
    public Shipment ship(Order order, String key) {
      return new Shipment("Post", "s-1");
    }

    @Override
    public void mail(Order.Customer customer, Confirmation confirmation, String key) {}
  }
}
