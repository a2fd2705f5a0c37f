package dev.durable.docs;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of docs/control-flow.md, parallel.md, for-each.md and sagas.md. */
@ExtendWith(DatabaseExtension.class)
class ControlFlowGuideTest {

  private static final Event<String> PAID = Event.of("paid", String.class);

  private final TestDatabase db;

  ControlFlowGuideTest(TestDatabase db) {
    this.db = db;
  }

  record Claim(int amount, String note) {}

  enum Kind {
    PHYSICAL,
    DIGITAL
  }

  record Order(String id, Kind kind) {}

  record Receipt(String text) {}

  record Customer(int id) {}

  record Dashboard(String name, int orders) {}

  record Campaign(List<String> recipients, int sent, int bounced) {}

  record Job(int percent) {
    boolean done() {
      return percent >= 100;
    }
  }

  private interface Mailer {
    String send(String recipient);
  }

  private <I, O> O run(Workflow<I, O> workflow, I input) {
    try (Durable durable = db.start(workflow)) {
      return durable.start(workflow, input).result(ofSeconds(20));
    }
  }

  @Test
  void decide() {
    Workflow<Claim, Claim> claims =
        Workflow.define("claims", Claim.class)
            .decide(
                "check_amount",
                List.of("manual_review"),
                claim -> claim.amount() > 1000 ? Decision.goTo("manual_review") : Decision.next())
            .step("approve", claim -> new Claim(claim.amount(), "approved"))
            .step("manual_review", claim -> new Claim(claim.amount(), claim.note() + " reviewed"))
            .build();
    assertThat(run(claims, new Claim(2000, "")).note()).isEqualTo(" reviewed");
    assertThat(run(claims, new Claim(2, "")).note()).isEqualTo("approved reviewed");
  }

  record Basket(int cents, int discount, String note) {
    Basket less(int percent) {
      return new Basket(cents, percent, note);
    }

    Basket saying(String text) {
      return new Basket(cents, discount, text);
    }
  }

  @Test
  void when() {
    Workflow<Basket, Basket> price =
        Workflow.define("price", Basket.class)
            .step("discount", basket -> basket.cents() > 1000 ? 10 : 0, Basket::less)
            .when(
                "reduced",
                basket -> basket.discount() > 0,
                path -> path.step("praise", basket -> basket.saying("You save a lot.")),
                path -> path.step("tempt", basket -> basket.saying("Buy more.")))
            .build();
    assertThat(run(price, new Basket(2000, 0, "")))
        .isEqualTo(new Basket(2000, 10, "You save a lot."));
    assertThat(run(price, new Basket(20, 0, ""))).isEqualTo(new Basket(20, 0, "Buy more."));
  }

  @Test
  void branch() {
    Workflow<Order, Receipt> fulfilment =
        Workflow.define("fulfilment", Order.class)
            .branch(
                "fulfil",
                Receipt.class,
                Order::kind,
                cases ->
                    cases
                        .when(
                            Kind.PHYSICAL,
                            path ->
                                path.step("pack", order -> order)
                                    .step("ship", Receipt.class, order -> new Receipt("shipped")))
                        .when(
                            Kind.DIGITAL,
                            path -> path.step("send", Receipt.class, order -> new Receipt("sent"))))
            .build();
    assertThat(run(fulfilment, new Order("1", Kind.DIGITAL)).text()).isEqualTo("sent");
  }

  @Test
  void parallelInABody() {
    Workflow<Customer, Dashboard> flow =
        Workflow.define("load_in_a_body", Customer.class)
            .step(
                "load",
                Dashboard.class,
                (customer, step) -> {
                  var load = step.parallel("parts");
                  var name = load.run("name", String.class, () -> "C" + customer.id());
                  var orders =
                      load.branch(
                          "orders",
                          Integer.class,
                          branch -> {
                            branch.sleep("pause", ofMillis(10));
                            return branch.run("count", Integer.class, () -> 4);
                          });
                  load.join();
                  return new Dashboard(name.get(), orders.get());
                })
            .build();
    assertThat(run(flow, new Customer(7))).isEqualTo(new Dashboard("C7", 4));
  }

  @Test
  void parallel() {
    Workflow<Customer, Dashboard> load =
        Workflow.define("load_dashboard", Customer.class)
            .parallel(
                "load",
                Dashboard.class,
                par -> {
                  var name =
                      par.step("name", String.class, (customer, step) -> "C" + customer.id());
                  var orders =
                      par.path(
                          "orders",
                          Integer.class,
                          path ->
                              path.step("list", Integer.class, customer -> 3)
                                  .step("count", found -> found + 1));
                  return par.join(
                      (customer, results) -> new Dashboard(results.get(name), results.get(orders)));
                })
            .build();
    assertThat(run(load, new Customer(7))).isEqualTo(new Dashboard("C7", 4));
  }

  @Test
  void completeAll() {
    Workflow<Customer, String> load =
        Workflow.define("load_what_there_is", Customer.class)
            .parallel(
                "load",
                String.class,
                par -> {
                  var score =
                      par.step(
                          "score",
                          Integer.class,
                          customer -> {
                            throw new IllegalStateException("The partner is away.");
                          });
                  return par.join(
                      (customer, results) ->
                          switch (results.outcome(score)) {
                            case BranchOutcome.Completed<Integer> done -> "score " + done.value();
                            case BranchOutcome.Failed<Integer> failed -> failed.error().message();
                            case BranchOutcome.Cancelled<Integer> never -> "not asked";
                          });
                },
                with -> with.completeAll())
            .build();
    assertThat(run(load, new Customer(7))).isEqualTo("The partner is away.");
  }

  @Test
  void forEachInABody() {
    Mailer mailer = recipient -> "sent to " + recipient;
    Workflow<Campaign, Campaign> mailing =
        Workflow.define("mailing_in_a_body", Campaign.class)
            .step(
                "send",
                (campaign, step) -> {
                  var mails =
                      step.forEach(
                          "mails",
                          String.class,
                          campaign.recipients(),
                          (recipient, each) ->
                              each.run("mail", String.class, () -> mailer.send(recipient)),
                          with -> with.concurrency(20).completeAll());
                  return new Campaign(
                      campaign.recipients(), mails.completed().size(), mails.failed().size());
                })
            .build();
    assertThat(run(mailing, new Campaign(List.of("A", "B"), 0, 0)).sent()).isEqualTo(2);
  }

  @Test
  void forEach() {
    Mailer mailer = recipient -> "sent to " + recipient;
    Workflow<Campaign, Campaign> mailing =
        Workflow.define("mailing", Campaign.class)
            .forEach(
                "send",
                String.class,
                Campaign::recipients,
                each -> each.step("mail", recipient -> mailer.send(recipient)),
                (campaign, results) ->
                    new Campaign(
                        campaign.recipients(), results.completed().size(), results.failed().size()),
                with -> with.concurrency(20).completeAll())
            .build();
    assertThat(run(mailing, new Campaign(List.of("A", "B"), 0, 0)).sent()).isEqualTo(2);
  }

  @Test
  void repeat() {
    Workflow<Job, Job> poll =
        Workflow.define("poll", Job.class)
            .repeatUntil(
                "until_done",
                Job::done,
                round -> round.step("ask", job -> new Job(job.percent() + 50)),
                with -> with.every(ofMillis(50)).atMost(100))
            .build();
    assertThat(run(poll, new Job(0)).percent()).isEqualTo(100);
  }

  @Test
  void saga() {
    List<String> undone = new CopyOnWriteArrayList<>();
    Workflow<String, String> trip =
        Workflow.define(
                "trip",
                String.class,
                with -> with.compensateOn(CompensationTrigger.CANCEL, CompensationTrigger.TIMEOUT))
            .step(
                "flight",
                trips -> "flight-1",
                with -> with.compensate("cancel_flight", flight -> undone.add(flight)))
            .step(
                "hotel",
                flight -> "hotel-2",
                with ->
                    with.compensate(
                        "cancel_hotel",
                        (hotel, step) -> undone.add(hotel + " " + step.attempt()),
                        undo -> undo.retry(RetryPolicy.exponential(ofMillis(10)).maxAttempts(5))))
            .step(
                "pay",
                hotel -> {
                  throw new IllegalStateException("The card was declined.");
                })
            .build();
    try (Durable durable = db.start(trip)) {
      ExecutionHandle<String> handle = durable.start(trip, "Rome");
      assertThatThrownBy(() -> handle.result(ofSeconds(20))).hasMessageContaining("declined");
      UUID id = handle.id();
      Execution execution = durable.find(id).orElseThrow();
      for (CompensationResult result : execution.compensations()) {
        assertThat(result.error()).isNull();
      }
      assertThat(execution.status()).isEqualTo(ExecutionStatus.COMPENSATED);
    }
    assertThat(undone).containsExactly("hotel-2 1", "flight-1");
  }

  @Test
  void undoneWait() {
    List<String> undone = new CopyOnWriteArrayList<>();
    Workflow<Basket, Basket> paid =
        Workflow.define("paid", Basket.class)
            .await(
                "payment",
                PAID,
                Basket::saying,
                with -> with.compensate("refund", basket -> undone.add(basket.note())))
            .step(
                "ship",
                basket -> {
                  throw new IllegalStateException("There is no lorry.");
                })
            .build();
    try (Durable durable = db.start(paid)) {
      UUID id = durable.start(paid, new Basket(5, 0, "")).id();
      durable.send(id, PAID, "invoice 17");
      assertThatThrownBy(() -> durable.handle(id, paid).result(ofSeconds(20)))
          .hasMessageContaining("lorry");
    }
    assertThat(undone).containsExactly("invoice 17");
  }

  @Test
  void sagaInABody() {
    List<String> undone = new CopyOnWriteArrayList<>();
    Workflow<String, String> booking =
        Workflow.of(
            "booking",
            String.class,
            String.class,
            (city, step) -> {
              String room =
                  step.run(
                      "room",
                      String.class,
                      () -> "room in " + city,
                      with -> with.compensate("give_back", booked -> undone.add(booked)));
              step.onCompensate("tell", undo -> undone.add(room + ": " + undo.cause().message()));
              String table =
                  step.run(
                      "table",
                      String.class,
                      () -> "table for two",
                      with ->
                          with.compensate(
                              "cancel_table",
                              (booked, undo) -> undone.add(booked + " " + undo.attempt()),
                              how ->
                                  how.retry(RetryPolicy.exponential(ofMillis(10)).maxAttempts(5))));
              throw new IllegalStateException("No taxi to the " + table);
            });
    assertThatThrownBy(() -> run(booking, "Rome")).hasMessageContaining("No taxi");
    assertThat(undone)
        .containsExactly(
            "table for two 1", "room in Rome: No taxi to the table for two", "room in Rome");
  }
}
