package dev.durable.binding;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.DurableOperations;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.question.Question;
import dev.durable.question.Questions;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.DurableFixture;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Durable in Spring's transactions. */
@ExtendWith(DatabaseExtension.class)
@DisplayName("With a binding to Spring's transactions")
@Tag("newest")
class SpringBindingTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("wait", GO, (text, got) -> got).build();
  private static final Workflow<String, String> ASKS =
      Workflow.define("asks", String.class)
          .ask("why", text -> Question.text("why?"), (text, why) -> why)
          .build();

  private final TestDatabase db;
  private final DataSourceTransactionManager manager;
  private final SpringTransactions binding;
  private final JdbcTemplate jdbc;

  SpringBindingTest(TestDatabase db) {
    this.db = db;
    this.manager = new DataSourceTransactionManager(db.dataSource());
    this.binding = new SpringTransactions(db.dataSource(), manager);
    this.jdbc = new JdbcTemplate(db.dataSource());
  }

  @BeforeEach
  void table() {
    db.script("create table if not exists bean (item text); truncate bean");
  }

  private Durable open(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource()).transactions(binding).register(workflows).startWorker();
  }

  private TransactionTemplate transaction(int propagation) {
    TransactionTemplate template = new TransactionTemplate(manager);
    template.setPropagationBehavior(propagation);
    return template;
  }

  private TransactionTemplate transaction() {
    return transaction(TransactionDefinition.PROPAGATION_REQUIRED);
  }

  private static Workflow<String, String> step(TransactionBody<String, String, String> body) {
    return Workflow.define("step", String.class)
        .transaction(
            "save",
            body,
            with -> with.retry(RetryPolicy.constant(Duration.ofMillis(1)).maxAttempts(2)))
        .build();
  }

  private void save(String item) {
    jdbc.update("insert into bean values (?)", item);
  }

  private void rolledBack(Consumer<Durable> work, Durable durable) {
    transaction()
        .executeWithoutResult(
            status -> {
              work.accept(durable);
              status.setRollbackOnly();
            });
  }

  @Test
  @DisplayName("a DataSource that would hand out the caller's own connection is refused")
  void transactionAware() {
    assertThatThrownBy(() -> Durable.on(new TransactionAwareDataSourceProxy(db.dataSource())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the pool itself");
  }

  @Test
  @DisplayName("an operation commits with the transaction of its thread, and is forgotten with it")
  void joins() {
    try (Durable durable = open(WAITS, ASKS)) {
      AtomicReference<ExecutionHandle<String>> started = new AtomicReference<>();
      rolledBack(d -> started.set(d.start(WAITS, "x", with -> with.key("k"))), durable);
      assertThat(durable.find(started.get().id())).isEmpty();

      ExecutionHandle<String> kept =
          transaction()
              .execute(
                  status -> {
                    ExecutionHandle<String> handle = durable.start(WAITS, "x");
                    durable.send(handle.id(), GO, "joined");
                    assertThat(durable.find(handle.id())).as("not committed yet").isEmpty();
                    return handle;
                  });
      assertThat(kept.result(SOON)).isEqualTo("joined");
    }
  }

  @Test
  @DisplayName("an instance is opened as the guide says")
  void guide() {
    DataSource dataSource = db.dataSource();
    Workflow<String, String> processOrder = WAITS;
    Durable durable =
        Durable.on(dataSource)
            .transactions(new SpringTransactions(dataSource, manager))
            .register(processOrder)
            .startWorker();
    try (durable) {
      rolledBack(d -> d.start(processOrder, "x", with -> with.key("guide")), durable);
      assertThat(durable.find("waits", "guide")).isEmpty();
    }
  }

  @Test
  @DisplayName("every operation joins, and questions do that anew at each call")
  void everyOperation() {
    try (Durable durable = open(WAITS, ASKS)) {
      Questions questions = durable.questions();
      UUID asked = durable.start(ASKS, "x").id();
      UUID waits = durable.start(WAITS, "x", with -> with.key("waits")).id();
      DurableFixture.untilWaiting(durable, asked);
      DurableFixture.untilWaiting(durable, waits);
      rolledBack(d -> d.cancel(waits), durable);
      rolledBack(d -> d.sendByKey(WAITS, "waits", GO, "no"), durable);
      rolledBack(d -> d.cancelWaits(waits), durable);
      rolledBack(d -> d.startAndSend(WAITS, "y", GO, "no", with -> with.key("n")), durable);
      rolledBack(
          d -> {
            questions.answer(asked, "why", "because", "joe");
            assertThat(questions.open(asked)).as("read in the same transaction").isEmpty();
          },
          durable);
      assertThat(durable.find("waits", "n")).isEmpty();
      assertThat(questions.open(asked)).hasSize(1);
      assertThat(durable.waits(waits)).hasSize(1);
      questions.answer(asked, "why", "because", "joe");
      assertThat(durable.handle(asked).result(SOON)).isEqualTo("\"because\"");
      durable.send(waits, GO, "yes");
      assertThat(durable.handle(waits).result(SOON)).isEqualTo("\"yes\"");
    }
  }

  @Test
  @DisplayName("independent operations stay when the caller rolls back, as in a suspended one")
  void independently() {
    try (Durable durable = open(WAITS)) {
      rolledBack(
          d -> {
            DurableOperations own = d.independently();
            own.start(WAITS, "x", with -> with.key("own"));
            transaction(TransactionDefinition.PROPAGATION_NOT_SUPPORTED)
                .executeWithoutResult(s -> d.start(WAITS, "x", with -> with.key("suspended")));
            transaction(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
                .executeWithoutResult(s -> d.start(WAITS, "x", with -> with.key("inner")));
            d.start(WAITS, "x", with -> with.key("outer"));
          },
          durable);
      assertThat(durable.find("waits", "own")).isPresent();
      assertThat(durable.find("waits", "suspended")).isPresent();
      assertThat(durable.find("waits", "inner")).isPresent();
      assertThat(durable.find("waits", "outer")).isEmpty();
    }
  }

  @Test
  @DisplayName("a start in a callback after the commit is not lost")
  void afterCommit() {
    try (Durable durable = open(WAITS)) {
      transaction()
          .executeWithoutResult(
              status ->
                  TransactionSynchronizationManager.registerSynchronization(
                      new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                          durable.start(WAITS, "x", with -> with.key("after"));
                          assertThat(durable.find("waits", "after")).isPresent();
                        }
                      }));
      assertThat(durable.find("waits", "after")).isPresent();
    }
  }

  @Test
  @DisplayName("a step's beans commit with its result, and what it starts does, too")
  void stepJoins() {
    Workflow<String, String> step =
        step(
            (text, tx) -> {
              transaction().executeWithoutResult(status -> save("bean"));
              try (var insert =
                  tx.connection()
                      .prepareStatement("insert into bean select 'seen ' || item from bean")) {
                insert.executeUpdate();
              }
              return text;
            });
    try (Durable durable = open(step)) {
      assertThat(durable.start(step, "x").result(SOON)).isEqualTo("x");
      assertThat(db.rows("select item from bean order by 1")).containsExactly("bean", "seen bean");
    }
  }

  @Test
  @DisplayName("a step that fails takes back what its beans wrote and what it started")
  void stepFails() {
    Workflow<String, String> step =
        Workflow.define("failing", String.class)
            .transaction(
                "save",
                String.class,
                (text, tx) -> {
                  save("bean");
                  transaction(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
                      .executeWithoutResult(status -> save("kept " + tx.attempt()));
                  durable.get().start(WAITS, "x", with -> with.key("of the step"));
                  throw new IllegalStateException("enough");
                },
                with -> with.retry(RetryPolicy.none()))
            .build();
    try (Durable opened = open(step, WAITS)) {
      durable.set(opened);
      assertThatThrownBy(() -> opened.start(step, "x").result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("enough");
      assertThat(db.rows("select item from bean")).containsExactly("kept 1");
      assertThat(opened.find("waits", "of the step")).isEmpty();
    }
  }

  private final AtomicReference<Durable> durable = new AtomicReference<>();

  @Test
  @DisplayName("a bean that marks the step's transaction for rollback fails the attempt")
  void rollbackOnly() {
    Workflow<String, String> step =
        step(
            (text, tx) -> {
              save("bean");
              if (tx.attempt() == 1) {
                transaction().executeWithoutResult(status -> status.setRollbackOnly());
              }
              return text;
            });
    try (Durable opened = open(step)) {
      ExecutionHandle<String> handle = opened.start(step, "x");
      assertThat(handle.result(SOON)).isEqualTo("x");
      assertThat(opened.steps(handle.id()))
          .extracting(StepExecution::attempt)
          .containsExactly(1, 2);
      assertThat(opened.steps(handle.id()).getFirst().error().type())
          .isEqualTo(UnexpectedRollbackException.class.getName());
      assertThat(db.rows("select item from bean")).containsExactly("bean");
    }
  }

  @Test
  @DisplayName("a bean's failed statement that the body swallows fails the attempt")
  void swallowed() {
    Workflow<String, String> step =
        step(
            (text, tx) -> {
              try {
                jdbc.update("insert into missing values (1)");
              } catch (RuntimeException ignored) {
                // The transaction is spoilt now.
              }
              return text;
            });
    try (Durable opened = open(step)) {
      assertThatThrownBy(() -> opened.start(step, "x").result(SOON))
          .hasMessageContaining("a statement of the body failed");
    }
  }

  @Test
  @DisplayName("a transactional effect commits with what its beans wrote")
  void effects() {
    Workflow<String, String> body =
        Workflow.of(
            "body",
            String.class,
            String.class,
            (text, step) -> {
              step.transaction("save", tx -> save("effect"));
              return text;
            });
    try (Durable opened = open(body)) {
      ExecutionHandle<String> handle = opened.start(body, "x");
      assertThat(handle.result(SOON)).isEqualTo("x");
      assertThat(handle.status()).isEqualTo(ExecutionStatus.COMPLETED);
      assertThat(db.rows("select item from bean")).containsExactly("effect");
    }
  }

  @Test
  @DisplayName("a read-only or serializable transaction of the caller is refused")
  void refused() {
    try (Durable opened = open(WAITS)) {
      TransactionTemplate readOnly = transaction();
      readOnly.setReadOnly(true);
      assertThatThrownBy(() -> readOnly.executeWithoutResult(s -> opened.start(WAITS, "x")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("read-only");
      TransactionTemplate serializable = transaction();
      serializable.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
      assertThatThrownBy(() -> serializable.executeWithoutResult(s -> opened.start(WAITS, "x")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("SERIALIZABLE");
    }
  }
}
