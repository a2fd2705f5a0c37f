package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.CompensationContext;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("The context of the code that runs on a thread")
class CurrentContextTest {

  private final TestDatabase db;
  private final Notes seen = new Notes();

  CurrentContextTest(TestDatabase db) {
    this.db = db;
  }

  /** Notes the path of the current context, and returns a value. */
  private <T> T here(T value) {
    return seen.note(AttemptContext.current().path(), value);
  }

  @Test
  @DisplayName("Bodies, transactions, selectors, items and joins have it")
  void nodes() {
    Workflow<String, String> flow =
        Workflow.define("nodes", String.class)
            .step("step", text -> here(text))
            .transaction(
                "transaction",
                (text, tx) -> {
                  assertThat(AttemptContext.current()).isSameAs(tx);
                  return here(text);
                })
            .branch(
                "branch",
                text -> here(true),
                cases -> cases.when(true, path -> path).when(false, path -> path))
            .forEach(
                "each",
                String.class,
                text -> here(List.of(text)),
                path -> path.step("item", item -> here(item)),
                (text, results) -> here(text))
            .step(
                "body",
                (text, step) -> {
                  assertThat(AttemptContext.current()).isSameAs(step);
                  return text;
                })
            .build();
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("x");
    }
    assertThat(seen)
        .containsExactly("step", "transaction", "branch", "each[*]", "each[0]/item", "each");
  }

  @Test
  @DisplayName("Inside an effect it has the effect's key, on whatever thread the effect is run")
  void effects() {
    Workflow<String, String> flow =
        Workflow.of(
            "effects",
            String.class,
            String.class,
            (String text, StepContext<String> step) -> {
              String own =
                  step.run("own", String.class, () -> AttemptContext.current().idempotencyKey());
              String other =
                  CompletableFuture.supplyAsync(
                          () -> {
                            assertThatThrownBy(AttemptContext::current)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("No code of a workflow");
                            return key(step);
                          })
                      .join();
              String after = AttemptContext.current().idempotencyKey();
              return String.join(" ", own, other, after).replace(step.execution().id() + "/", "");
            });
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("body/own body/other body");
    }
  }

  private static String key(StepContext<String> step) {
    try {
      return step.run("other", String.class, () -> AttemptContext.current().idempotencyKey());
    } catch (Exception failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  @DisplayName("Reminders of a question have that of the body that asks")
  void reminders() {
    Workflow<String, String> flow =
        Workflow.of(
            "reminders",
            String.class,
            String.class,
            (String text, StepContext<String> step) -> {
              Question<Approval> question =
                  Question.approval("Well?").remindEvery(ofDays(1), due -> here(due));
              return step.ask("boss", question).by();
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.WAITING);
      db.letPass(ofDays(1));
      Gate.until(() -> seen.iterator().hasNext());
      durable.questions().answer(handle.id(), "boss", Approval.approved("jane"));
      assertThat(handle.result(SOON)).isEqualTo("jane");
    }
    assertThat(seen).containsExactly("body");
  }

  @Test
  @DisplayName("No thread outside has it")
  void outside() {
    assertThatThrownBy(AttemptContext::current).isInstanceOf(IllegalStateException.class);
  }

  @Test
  @DisplayName("A compensation knows why the execution is undone, and can remember effects")
  void compensation() {
    AtomicReference<ErrorInfo> cause = new AtomicReference<>();
    Workflow<String, String> flow =
        Workflow.define("undone", String.class)
            .step(
                "book",
                text -> text,
                with ->
                    with.compensate(
                        "give_back",
                        (text, undo) -> {
                          cause.set(undo.cause());
                          assertThat(AttemptContext.current()).isSameAs(undo);
                          undo.run("mail", String.class, () -> here(undo.idempotencyKey()));
                          seen.add(undo.idempotencyKey());
                        }))
            .step(
                "pay",
                text -> {
                  throw new IllegalStateException("no money");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.COMPENSATED);
      assertThat(cause.get())
          .satisfies(
              error -> {
                assertThat(error.type()).isEqualTo(IllegalStateException.class.getName());
                assertThat(error.message()).isEqualTo("no money");
                assertThat(error.step()).isEqualTo("pay");
              });
      assertThat(seen).containsExactly("book~give_back", handle.id() + "/book~give_back");
      assertThat(durable.steps(handle.id()))
          .anySatisfy(row -> assertThat(row.path()).isEqualTo("book~give_back/mail"));
    }
  }

  @Test
  @DisplayName("After a cancel, that is why the execution is undone")
  void cancelled() {
    AtomicReference<ErrorInfo> cause = new AtomicReference<>();
    Workflow<String, String> flow =
        Workflow.define(
                "cancelled", String.class, with -> with.compensateOn(CompensationTrigger.CANCEL))
            .step(
                "book",
                text -> text,
                with -> with.compensate("give_back", (text, undo) -> cause.set(undo.cause())))
            .sleep("rest", ofDays(1))
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.WAITING);
      durable.cancel(handle.id());
      untilStatus(handle, ExecutionStatus.COMPENSATED);
      assertThat(cause.get()).extracting(ErrorInfo::type).isEqualTo(ErrorInfo.CANCELLED);
    }
  }

  @Test
  @DisplayName("The context of another execution refuses its calls: a bean must not keep it")
  void keptByABean() {
    Gate first = new Gate();
    AtomicReference<StepContext<String>> kept = new AtomicReference<>();
    Workflow<String, String> flow =
        Workflow.of(
            "kept",
            String.class,
            String.class,
            (text, step) -> {
              if (text.equals("first")) {
                kept.set(step);
                first.pass();
              }
              return kept.get().run("charge", String.class, () -> here(text));
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> owner = durable.start(flow, "first");
      first.awaitReached();
      ExecutionHandle<String> thief = durable.start(flow, "second");
      assertThatThrownBy(() -> thief.result(SOON))
          .hasMessageContaining("of execution " + thief.id())
          .hasMessageContaining("asks the context of 'body' for 'charge'")
          .hasMessageContaining("keep none in a field");
      assertThat(seen).isEmpty();
      first.open();
      assertThat(owner.result(SOON)).isEqualTo("first");
      assertThat(seen).containsExactly("body");
    }
  }

  @Test
  @DisplayName("Transactions and compensations have no methods that wait")
  void noWaits() {
    for (Class<?> context : List.of(TransactionContext.class, CompensationContext.class)) {
      assertThat(context.getMethods())
          .extracting(java.lang.reflect.Method::getName)
          .doesNotContain("sleep", "await", "ask", "call", "start");
    }
  }
}
