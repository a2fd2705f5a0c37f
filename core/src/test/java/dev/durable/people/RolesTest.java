package dev.durable.people;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.TransactionScope;
import dev.durable.UnsuitableDatabaseException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.migration.DurableMigration;
import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The roles of docs/operations.md")
class RolesTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db = TestDatabase.empty();

  private final Workflow<String, String> child =
      Workflow.define("child_of_roles", String.class).step("one", text -> text + "c").build();

  private final Workflow<String, String> flow =
      Workflow.define("roles", String.class)
          .step("one", text -> text + "1")
          .await("go", GO, (text, go) -> text + go, with -> with.onCancel(text -> text + "-"))
          .ask("who", text -> Question.text("?"), (text, who) -> text + who)
          .step("call", String.class, (text, step) -> step.call("child", child, text, with -> {}))
          .sleep("nap", Duration.ofMillis(20))
          .build();

  private final Workflow<String, String> failing =
      Workflow.define("failing_roles", String.class)
          .step("one", text -> fail(text), with -> with.retry(RetryPolicy.none()))
          .build();

  private static String fail(String text) {
    throw new IllegalStateException(text);
  }

  @AfterEach
  void close() {
    db.script("drop owned by app_runtime, app_migrations cascade");
    db.script("drop role app_runtime, app_migrations");
    db.close();
  }

  @Test
  @Proves("F3.6")
  @DisplayName("They migrate and run every kind of work with exactly the documented rights")
  void documentedRights() throws Exception {
    db.script(documented("roles"));
    db.script(
        "alter role app_runtime password 'secret'; alter role app_migrations password 'secret'");
    DataSource owner = Roles.as(db, "app_migrations");
    DataSource runtime = Roles.as(db, "app_runtime");
    DurableMigration.on(owner).log(System.Logger.Level.OFF).up();
    assertThatThrownBy(() -> Durable.on(runtime).register(flow).startWorker())
        .isInstanceOf(UnsuitableDatabaseException.class);
    execute(owner, documented("rights"));
    work(runtime);
    DurableMigration.on(owner).log(System.Logger.Level.OFF).down();
  }

  private void work(DataSource runtime) throws SQLException {
    UUID second;
    try (Durable durable = Durable.on(runtime).register(flow, child, failing).startWorker()) {
      ExecutionHandle<String> handle = durable.start(flow, "a", with -> with.key("k"));
      durable.send(handle.id(), GO, "g");
      untilItAsks(durable, handle.id());
      durable.questions().answer(handle.id(), "who", "w", "jane");
      assertThat(handle.result(SOON)).isEqualTo("a1gwc");
      second = inTransaction(runtime, durable);
      untilWaiting(durable, second);
      durable.cancelWaits(second);
      untilItAsks(durable, second);
      durable.cancel(second, "enough");
      ExecutionHandle<String> failed = durable.start(failing, "no");
      assertThatThrownBy(() -> failed.result(SOON)).hasMessageContaining("no");
      durable.retry(failed.id());
      assertThatThrownBy(() -> failed.result(SOON)).hasMessageContaining("no");
      durable.startAndSend(flow, "b", GO, "g");
    }
    try (Durable client = Durable.on(runtime).register(flow).build()) {
      assertThat(client.executions(q -> {}).items()).hasSizeGreaterThanOrEqualTo(4);
      assertThat(client.steps(second)).isNotEmpty();
    }
    assertThat(db.violations()).isEmpty();
  }

  private UUID inTransaction(DataSource runtime, Durable durable) throws SQLException {
    try (Connection connection = runtime.getConnection()) {
      connection.setAutoCommit(false);
      TransactionScope scope = durable.using(connection);
      UUID id = scope.start(flow, "t", with -> {}).id();
      connection.commit();
      return id;
    }
  }

  private static void execute(DataSource dataSource, String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String documented(String block) throws IOException {
    String page = Files.readString(Path.of("../docs/operations.md"));
    Matcher matcher =
        Pattern.compile("```sql " + block + "\n(.*?)```", Pattern.DOTALL).matcher(page);
    List<String> found = matcher.results().map(result -> result.group(1)).toList();
    assertThat(found).as("blocks of SQL called " + block).hasSize(1);
    return found.getFirst();
  }
}
