package dev.durable.examples.trial;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.examples.Waiting;
import dev.durable.execution.ExecutionHandle;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Weeks in a moment: the clock stays, but all due times move into the past. */
class TrialWorkflowTest {

  private static EmbeddedPostgres postgres;

  private final List<String> mails = new CopyOnWriteArrayList<>();
  private final AtomicInteger today = new AtomicInteger();

  @BeforeAll
  static void start() {
    postgres = EmbeddedPostgres.temporary();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @Test
  void remindsOnTheSeventhTheFourteenthAndTheEighteenthDay() throws SQLException {
    DataSource database = postgres.createDatabase("silent");
    Workflow<Trial, Trial> workflow = workflow();
    try (Durable durable = node(database, workflow)) {
      ExecutionHandle<Trial> ada = durable.start(workflow, new Trial("Ada", ""));
      Waiting.atRest(durable, ada.id());
      for (int days : new int[] {7, 7, 4}) {
        letPassUntilTheNextMail(database, days, durable, ada);
      }
      letPass(database, 3);
      assertThat(ada.result(ofSeconds(20))).isEqualTo(new Trial("Ada", "over"));
    }
    assertThat(today).hasValue(21);
    assertThat(mails)
        .containsExactly(
            "day 0: Welcome",
            "day 7: Five things to try",
            "day 14: One week left",
            "day 18: Three days left");
  }

  @Test
  void aSubscriptionEndsTheRemindersAcrossADeploy() throws SQLException {
    DataSource database = postgres.createDatabase("subscribes");
    Workflow<Trial, Trial> workflow = workflow();
    ExecutionHandle<Trial> alan;
    try (Durable before = node(database, workflow)) {
      alan = before.start(workflow, new Trial("Alan", ""));
      Waiting.atRest(before, alan.id());
      letPassUntilTheNextMail(database, 7, before, alan);
    }
    try (Durable after = node(database, workflow)) {
      after.send(alan.id(), TrialWorkflow.SUBSCRIBED, "gold");
      assertThat(after.handle(alan.id(), workflow).result(ofSeconds(20)))
          .isEqualTo(new Trial("Alan", "subscribed to gold"));
    }
    assertThat(mails).containsExactly("day 0: Welcome", "day 7: Five things to try");
  }

  private Workflow<Trial, Trial> workflow() {
    return TrialWorkflow.definition(
        ofDays(1),
        (to, text) -> {
          mails.add("day " + today + ": " + text);
          return "mail " + mails.size();
        });
  }

  private static Durable node(DataSource database, Workflow<?, ?> workflow) {
    return Durable.on(database)
        .migrate(true)
        .worker(w -> w.pollInterval(ofMillis(20)))
        .register(workflow)
        .startWorker();
  }

  private void letPassUntilTheNextMail(
      DataSource database, int days, Durable durable, ExecutionHandle<Trial> trial)
      throws SQLException {
    int mailsBefore = mails.size();
    letPass(database, days);
    Waiting.until(() -> mails.size() > mailsBefore);
    Waiting.atRest(durable, trial.id());
  }

  /** Lets so many days pass; nothing is due before the last of them is over. */
  private void letPass(DataSource database, int days) throws SQLException {
    today.addAndGet(days);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(daysLeft(statement)).isEqualTo(days);
      statement.execute(
          """
          with sleepers as (
            update durable.workflow_executions set wake_at = wake_at - interval '%1$d days'
            where wake_at is not null and status = 'waiting' returning id
          )
          update durable.step_executions s set wake_at = s.wake_at - interval '%1$d days'
          from sleepers where s.workflow_id = sleepers.id and s.status = 'waiting'
          """
              .formatted(days));
    }
  }

  private static int daysLeft(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "select round(extract(epoch from min(wake_at) - now()) / 86400)"
                + " from durable.workflow_executions where status = 'waiting'")) {
      row.next();
      return row.getInt(1);
    }
  }
}
