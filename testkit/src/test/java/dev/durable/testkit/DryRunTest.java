package dev.durable.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.execution.ExecutionStatus;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.Question;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.ChildKeyTakenException;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.InvalidWorkflowException;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("What a script says to a dry run")
class DryRunTest {

  private static final Workflow<String, String> TRANSACTION =
      Workflow.define("transaction", String.class)
          .transaction("write", (text, tx) -> text + tx.connection().getCatalog())
          .build();

  @Test
  @DisplayName("A transaction without a connection fails the test, and says what to do")
  void noConnection() {
    assertThatThrownBy(() -> DryRun.of(TRANSACTION).run("a"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'write' asks for a connection")
        .hasMessageContaining("stub");
  }

  @Test
  @DisplayName("A transaction gets the connection of the test")
  void aConnection() {
    Connection fake =
        (Connection)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, args) -> method.getName());
    assertThat(DryRun.of(TRANSACTION).connection(fake).run("a").output()).hasValue("agetCatalog");
  }

  @Test
  @DisplayName("An answer that the question refuses fails the test")
  void aWrongAnswer() {
    Workflow<String, String> asks =
        Workflow.define("asks", String.class)
            .ask("which", text -> Question.choice("?", "x", "y"), (text, answer) -> answer)
            .build();
    assertThatThrownBy(() -> DryRun.of(asks).answer("which", "z").run("a"))
        .isInstanceOf(InvalidAnswerException.class)
        .hasMessageContaining("must be one of");
  }

  @Test
  @DisplayName("A child is what stands for it, and what that throws is its failure")
  void children() {
    Workflow<String, String> calls =
        Workflow.of(
            "calls",
            String.class,
            String.class,
            (text, step) -> {
              try {
                return step.call(TreeStories.CHILD, text);
              } catch (ChildFailedException failed) {
                return failed.error().message();
              }
            });
    assertThat(DryRun.of(calls).child(TreeStories.CHILD, text -> text + "!").run("a").output())
        .hasValue("a!");
    DryRun<String, String> fails =
        DryRun.of(calls)
            .child(
                TreeStories.CHILD,
                text -> {
                  throw new IllegalStateException("no child");
                });
    assertThat(fails.run("a").output()).hasValue("no child");
  }

  @ParameterizedTest
  @DisplayName("Neither the workflow's timeout nor a cancel ends what is being undone")
  @ValueSource(strings = {"fails", "waits"})
  void undoingGoesOn(String how) {
    AtomicInteger count = new AtomicInteger();
    Workflow<String, String> undone =
        Workflow.define(
                "undone",
                String.class,
                with -> with.timeout(Duration.ofHours(1)).compensateOn(CompensationTrigger.TIMEOUT))
            .step(
                "one",
                text -> text,
                with ->
                    with.compensate(
                        "back",
                        text -> {
                          if (count.incrementAndGet() < 3) {
                            throw new IllegalStateException("not yet");
                          }
                        },
                        undo ->
                            undo.retry(RetryPolicy.constant(Duration.ofHours(1)).maxAttempts(3))))
            .step(
                "two",
                (text, step) -> {
                  if (how.equals("fails")) {
                    throw new NonRetryableException("no");
                  }
                  return step.await(TreeStories.PAID);
                })
            .build();
    DryResult<String> result = DryRun.of(undone).cancel("one~back").run("a");
    assertThat(result.status()).isEqualTo(ExecutionStatus.COMPENSATED);
    assertThat(result.time()).isEqualTo(Duration.ofHours(how.equals("fails") ? 2 : 3));
    assertThat(result.unused()).containsExactly("cancel at 'one~back'");
  }

  /** A body with parts. */
  private static final Workflow<String, String> PARTS =
      Workflow.of(
          "parts",
          String.class,
          String.class,
          (text, step) -> {
            var both = step.parallel("both");
            var one = both.run("one", String.class, () -> "1");
            var two = both.branch("two", String.class, b -> b.run("in", String.class, () -> "2"));
            both.join();
            var each =
                step.forEach(
                    "ship",
                    String.class,
                    List.of("a", "b"),
                    (item, own) -> own.run("parcel", String.class, () -> item));
            return one.get() + two.get() + String.join("", each.completed());
          });

  @ParameterizedTest
  @DisplayName("Stubs stand for what the branches and items of a body do, and for these themselves")
  @CsvSource({
    "body/both/one, S2ab",
    "body/both/two, 1Sab",
    "body/both/two/in, 1Sab",
    "body/ship/parcel, 12SS",
    "body/ship[1]/parcel, 12aS",
    "body/ship[1], 12aS"
  })
  void stubsOfParts(String path, String output) {
    DryResult<String> result = DryRun.of(PARTS).stub(path, data -> "S").run("a");
    assertThat(result.output()).hasValue(output);
    assertThat(result.unused()).isEmpty();
  }

  @Test
  @DisplayName("The stub of an item gets it, and what it stands for is not undone")
  void stubOfAnItem() {
    Workflow<String, String> undone =
        Workflow.of(
            "undone",
            String.class,
            String.class,
            (text, step) -> {
              var each =
                  step.forEach(
                      "ship",
                      String.class,
                      List.of("a", "b"),
                      (item, own) ->
                          own.run(
                              "parcel",
                              String.class,
                              () -> item,
                              with -> with.compensate("back", done -> {})));
              throw new NonRetryableException(each.completed().toString());
            });
    DryResult<String> result =
        DryRun.of(undone).stub("body/ship[1]", item -> "not " + item).run("a");
    assertThat(result.error().orElseThrow().message()).isEqualTo("[a, not b]");
    assertThat(result.compensated()).containsExactly("body/ship[0]/parcel~back");
  }

  @Test
  @DisplayName("A stub that stood for nothing is unused; one that cannot is refused")
  void stubsOfNothing() {
    assertThat(DryRun.of(PARTS).stub("body/shp/parcel", none -> "S").run("a").unused())
        .containsExactly("stub at 'body/shp/parcel'");
    assertThatThrownBy(() -> DryRun.of(PARTS).stub("body/ship[*]/parcel", none -> "S").run("a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[*]");
  }

  private static final Workflow<String, String> STARTED =
      Workflow.of(
          "started",
          String.class,
          String.class,
          (text, step) -> {
            ExecutionInfo info = step.execution();
            return String.join(
                " ",
                String.valueOf(info.key()),
                info.queue(),
                new TreeMap<>(info.tags()).toString(),
                String.valueOf(info.schedule()),
                String.valueOf(info.scheduledFor()));
          });

  @Test
  @DisplayName("A run has the key, tags, queue and schedule that its start gives, and else none")
  void start() {
    Instant tick = Instant.parse("2026-01-01T03:00:00Z");
    DryRun<String, String> run = DryRun.of(STARTED);
    assertThat(run.run("a").output()).hasValue("null default {} null null");
    run.key("o-1").tag("by", "ada").tag("for", "bob").queue("slow").schedule("nightly", tick);
    assertThat(run.run("a").output())
        .hasValue("o-1 slow {by=ada, for=bob} nightly 2026-01-01T03:00:00Z");
    assertThat(run.triggeredBy("nightly").run("a").output())
        .hasValue("o-1 slow {by=ada, for=bob} nightly null");
    assertThatThrownBy(() -> run.key(" "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("key");
  }

  private static final Workflow<String, String> ITSELF =
      Workflow.of("itself", String.class, String.class, DryRunTest::callItself);

  private static String callItself(String text, StepContext<String> step) {
    try {
      return text.equals("a") ? step.call("c", ITSELF, "b", with -> with.key("k")) : text;
    } catch (ChildKeyTakenException taken) {
      return "taken by " + taken.existing().equals(step.execution().id());
    }
  }

  @Test
  @DisplayName("A child cannot have the key of the run, if it is of the same workflow")
  void ownKey() {
    assertThat(DryRun.of(ITSELF).run("a").output()).hasValue("b");
    assertThat(DryRun.of(ITSELF).key("k").run("a").output()).hasValue("taken by true");
  }

  @Test
  @DisplayName("Stubs stand for nodes and effects; one for nothing is refused")
  void stubs() {
    Workflow<String, String> body =
        Workflow.of(
            "effects",
            String.class,
            String.class,
            (text, step) -> text + step.run("charge", Integer.class, () -> 1));
    assertThat(DryRun.of(body).stub("body/charge", none -> 99).run("a").output()).hasValue("a99");
    assertThat(DryRun.of(body).stub("body", String.class, text -> text + "?").run("a").output())
        .hasValue("a?");
    assertThatThrownBy(() -> DryRun.of(body).stub("boddy", none -> 1).run("a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("boddy");
  }

  @Test
  @DisplayName("A type that the codec refuses is found")
  void aTypeThatCannotBeStored() {
    Workflow<String, Runnable> wrong =
        Workflow.define("wrong", String.class)
            .step("code", Runnable.class, text -> () -> {})
            .build();
    assertThatThrownBy(() -> DryRun.of(wrong).run("a"))
        .isInstanceOf(InvalidWorkflowException.class);
  }

  @Test
  @DisplayName("Sleeps and pauses between attempts pass on the run's own clock")
  void time() {
    Workflow<String, String> slow =
        Workflow.define("slow", String.class)
            .sleep("rest", Duration.ofDays(2))
            .step(
                "flaky",
                TreeStories.flaky(2),
                with -> with.retry(RetryPolicy.constant(Duration.ofHours(1))))
            .sleepUntil("until", text -> Instant.parse("2026-01-10T00:00:00Z"))
            .build();
    DryResult<String> result =
        DryRun.of(slow).startingAt(Instant.parse("2026-01-01T00:00:00Z")).run("a");
    assertThat(result.time()).isEqualTo(Duration.ofDays(9));
    assertThat(result.output()).hasValue("a 3");
  }

  @Test
  @DisplayName("What was not needed is known, and each run has the whole script")
  void unused() {
    DryRun<String, String> run = DryRun.of(TreeStories.CHILD).event(TreeStories.PAID, "p");
    assertThat(run.run("a").unused()).containsExactly("event 'paid'");
    assertThat(run.run("a").unused()).isEqualTo(List.of("event 'paid'"));
    assertThat(run.run("a").status()).isEqualTo(ExecutionStatus.COMPLETED);
  }

  @Test
  @DisplayName("The parts of a fork take their time at once, as many as its concurrency allows")
  void timeOfParts() {
    Workflow<String, String> slow =
        Workflow.of(
            "slow items",
            String.class,
            String.class,
            (text, step) -> {
              step.forEach(
                  "each",
                  List.of(1, 2, 3),
                  (item, each) -> each.sleep("rest", Duration.ofHours(item)),
                  with -> with.concurrency(2));
              return text;
            });
    assertThat(DryRun.of(slow).run("a").time()).isEqualTo(Duration.ofHours(4));
  }

  @Test
  @DisplayName("A race between parts that take time is refused, not guessed")
  void aRace() {
    Workflow<String, String> races =
        Workflow.of(
            "races",
            String.class,
            String.class,
            (text, step) -> {
              var both = step.parallel("both", with -> with.any());
              both.branch("slow", branch -> branch.sleep("rest", Duration.ofHours(1)));
              both.run("quick", () -> {});
              both.join();
              return text;
            });
    assertThatThrownBy(() -> DryRun.of(races).run("a"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("'body/both'")
        .hasMessageContaining("real PostgreSQL");
  }

  @Test
  @DisplayName(
      "A failure of a workflow that is tried again as a whole is refused, a success is not")
  void retryOfTheWorkflow() {
    Workflow<String, String> flow =
        Workflow.define(
                "patient",
                String.class,
                with -> with.retryWorkflow(RetryPolicy.constant(Duration.ofHours(1))))
            .step(
                "one",
                text -> {
                  if (text.equals("bad")) {
                    throw new IllegalStateException("no");
                  }
                  return text;
                })
            .build();
    assertThat(DryRun.of(flow).run("good").output().orElseThrow()).isEqualTo("good");
    assertThatThrownBy(() -> DryRun.of(flow).run("bad"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("'patient' has failed (no)")
        .hasMessageContaining("retryWorkflow");
  }

  @Test
  @DisplayName("The policy's limit of time counts the pauses, and one that would end at it is late")
  void within() {
    Workflow<String, String> flaky =
        Workflow.define("flaky", String.class)
            .step(
                "one",
                TreeStories.flaky(9),
                with ->
                    with.retry(
                        RetryPolicy.constant(Duration.ofMinutes(20))
                            .maxAttempts(9)
                            .within(Duration.ofHours(1))))
            .build();
    DryResult<String> result = DryRun.of(flaky).run("a");
    assertThat(result.time()).isEqualTo(Duration.ofMinutes(40));
    assertThat(result.error().orElseThrow().message()).contains("3 attempts took PT40M");
  }
}
