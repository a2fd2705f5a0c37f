package dev.durable.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.embedded.EmbeddedPostgres;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ExamplesTest {

  private static EmbeddedPostgres postgres;
  private static HikariDataSource pool;

  @BeforeAll
  static void start() {
    postgres = EmbeddedPostgres.temporary();
    HikariConfig config = new HikariConfig();
    config.setDataSource(postgres.dataSource());
    pool = new HikariDataSource(config);
  }

  @AfterAll
  static void stop() {
    pool.close();
    postgres.close();
  }

  private static List<String> run(String name) {
    List<String> lines = new CopyOnWriteArrayList<>();
    Example.all().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow()
        .run(pool, lines::add);
    return lines;
  }

  @Test
  void aTripIsPaidOrGivenBack() {
    List<String> lines = run("trip");
    assertThat(lines).contains("  => completed", "  => compensated");
    assertThat(lines)
        .containsSubsequence("  gave back car 6", "  gave back hotel 5", "  gave back flight 4");
  }

  @Test
  void theDashboardDoesWithoutASourceThatIsAway() {
    assertThat(run("dashboard"))
        .contains("Orders: [order 1, order 2, order 3]", "Advice: missing: The partner is away.");
  }

  @Test
  void theMailerSurvivesADeploy() {
    assertThat(run("mailer"))
        .contains("1995 sent, 5 bounced.", "The server got 1995 mails: none was sent twice.");
  }

  @Test
  void anExpenseIsApprovedByAPersonOrRejectedByTime() {
    assertThat(run("expense"))
        .contains("Asked group:managers: Ada spent 300 EUR on a chair. Approve?")
        .anyMatch(line -> line.startsWith("  durable answer "))
        .containsSubsequence(
            "  => approved by jane: good chair",
            "  to group:directors: It is yours now.",
            "  => rejected: no answer in time");
  }

  @Test
  void aPaymentIsReceivedOnceHoweverOftenItsWebhookComes() {
    assertThat(run("payment"))
        .containsSubsequence(
            "  DELIVERED", "  DUPLICATE", "  => paid by T-77", "  CLOSED", "  => overdue");
  }

  @Test
  void aTrialEndsWithASubscriptionOrWithTime() {
    assertThat(run("trial"))
        .containsSubsequence(
            "  to Ada: Welcome",
            "  to Ada: Five things to try",
            "  to Ada: One week left",
            "  to Ada: Three days left",
            "  => over",
            "  to Alan: Welcome",
            "  => subscribed to gold");
  }

  @Test
  void anOrderIsPaidByItsChildOrNotAtAll() {
    assertThat(run("order"))
        .containsSubsequence(
            "  => charged 30000 cents",
            "     its child payment: completed",
            "     its child mail: completed",
            "  => not paid: The card's limit is 100000 cents.",
            "     its child payment: failed",
            "     its child mail: completed");
  }

  @Test
  void aLargerOrderIsTheSameAsABodyAndAsATree() {
    assertThat(run("shop"))
        .containsSubsequence(
            "As shop_order:",
            "  => Receipt[orderId=o-1, paid=150000, tax=28500, tracking=T-o-1]",
            "  => compensated",
            "  called off T-o-3",
            "  => compensated",
            "As shop_order_tree:",
            "  => Receipt[orderId=o-1, paid=150000, tax=28500, tracking=T-o-1]",
            "  => compensated",
            "  called off T-o-3",
            "  => compensated");
  }

  @Test
  void aReportTicksUntilItIsPausedAndAgainWhenItIsResumed() {
    assertThat(run("report"))
        .contains("It ticks every second.")
        .anyMatch(line -> line.matches("  2 started, . running, 0 missed, [1-9] overlapped"))
        .containsSubsequence("Paused: a short break.", "Resumed.")
        .anyMatch(line -> line.startsWith("  3 started"));
  }

  @Test
  void aTenantWithALongBacklogDelaysNobody() {
    assertThat(run("tenants"))
        .startsWith(
            "  32 due, 0 running, 0 ended, paused: until all exports are stored", "Resumed.")
        .anyMatch(line -> line.matches("  \\d+ due, [1-6] running, \\d+ ended"))
        .containsSubsequence(
            "globex and initech are done.",
            "An operator gives each tenant one place.",
            "Since then acme had at most 1 at work.",
            "  0 due, 0 running, 32 ended");
  }
}
