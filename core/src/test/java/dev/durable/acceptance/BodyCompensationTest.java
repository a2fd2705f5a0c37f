package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.history;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.durable.Durable;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("What a body has done is undone")
class BodyCompensationTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final Notes undone = new Notes();
  private final AtomicInteger entries = new AtomicInteger();

  BodyCompensationTest(TestDatabase db) {
    this.db = db;
  }

  private static String fails() {
    throw new IllegalStateException("no money");
  }

  /** Books under a name, to be given back. */
  private String book(StepContext<?> step, String name, String what) throws Exception {
    return step.run(
        name,
        String.class,
        () -> name + " of " + what,
        with -> with.compensate("give_back", done -> undone.add(done)));
  }

  private Execution ended(Workflow<String, ?> flow, ExecutionStatus status) {
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilEnded(durable, id);
      Execution execution = durable.find(id).orElseThrow();
      assertThat(execution.status()).isEqualTo(status);
      return execution;
    }
  }

  // ---- what, and in which order ----

  @Test
  @Proves({"G9", "B-10"})
  @DisplayName("Effects, transactions and what onCompensate says, the last one first")
  void everyKind() throws Exception {
    db.update("create table rooms (name text)");
    Workflow<String, Void> flow =
        Workflow.of(
            "every_kind",
            String.class,
            (text, step) -> {
              int entry = entries.incrementAndGet();
              String flight = book(step, "flight", text);
              String room =
                  step.transaction(
                      "room",
                      String.class,
                      tx -> {
                        try (var insert =
                            tx.connection().prepareStatement("insert into rooms values ('r')")) {
                          insert.executeUpdate();
                        }
                        return "r";
                      },
                      with ->
                          with.compensate(
                              "free",
                              (name, undo) -> {
                                db.update("delete from rooms where name = ?", name);
                                undone.add(name + " of " + undo.input() + " by " + undo.path());
                              }));
              step.onCompensate(
                  "tell", undo -> undone.add(flight + ", " + room + ": " + undo.cause().message()));
              step.run(
                  "mail",
                  () -> undone.add("mail"),
                  with -> with.compensate("sorry", none -> undone.add("sorry")));
              step.run("free", () -> undone.add("entry " + entry));
              fails();
            });
    Execution execution = ended(flow, ExecutionStatus.COMPENSATED);
    assertThat(undone)
        .containsExactly(
            "mail",
            "entry 1",
            "sorry",
            "flight of x, r: no money",
            "r of x by body/room~free",
            "flight of x");
    assertThat(execution.compensations())
        .extracting(result -> result.step() + ":" + result.handler())
        .containsExactly(
            "body/mail:sorry", "body/tell:tell", "body/room:free", "body/flight:give_back");
    assertThat(db.number("select count(*) from rooms")).isZero();
    assertThat(entries).as("once for the work, once for all that is undone").hasValue(2);
    db.update("drop table rooms");
  }

  @Test
  @Proves("G9")
  @DisplayName("Nodes and bodies of a tree are undone in one order, that of their completion")
  void mixed() {
    Workflow<String, String> flow =
        Workflow.define("mixed", String.class)
            .step("one", s -> s + "1", with -> with.compensate("u", s -> undone.add("one " + s)))
            .step(
                "two",
                (s, step) -> book(step, "a", s) + book(step, "b", s),
                with -> with.compensate("u", s -> undone.add("two")))
            .step("three", s -> "3", with -> with.compensate("u", s -> undone.add("three")))
            .step("four", (s, step) -> book(step, "c", s) + fails())
            .build();
    ended(flow, ExecutionStatus.COMPENSATED);
    assertThat(undone).containsExactly("c of 3", "three", "two", "b of x1", "a of x1", "one x1");
  }

  @Test
  @Proves("G9")
  @DisplayName("In cases, branches, items and rounds, each body with what it got, however long ago")
  void everywhere() {
    Workflow<String, String> flow =
        Workflow.define("everywhere", String.class)
            .when("if", s -> true, p -> p.step("in", (s, step) -> book(step, "case", s)))
            .parallel(
                "both",
                par -> {
                  par.step("a", String.class, (s, step) -> book(step, "branch", "a"));
                  return par.join((s, results) -> "p");
                })
            .forEach(
                "each",
                String.class,
                String.class,
                s -> List.of("0", "1"),
                p -> p.step("item", (s, step) -> book(step, "item", s)),
                (s, results) -> "",
                with -> with.concurrency(1))
            .repeatUntil(
                "more",
                s -> s.length() >= 8,
                p ->
                    p.step("longer", s -> s + ".")
                        .step(
                            "in",
                            (s, step) -> {
                              if (s.length() % 4 == 1) {
                                book(step, "round", s);
                              }
                              return s + ".";
                            }))
            .step("fails", s -> fails())
            .build();
    ended(flow, ExecutionStatus.COMPENSATED);
    assertThat(undone)
        .containsExactly(
            "round of .....", "round of .", "item of 1", "item of 0", "branch of a", "case of x");
  }

  @Test
  @Proves("G9")
  @DisplayName(
      "Branches and items of a body, also those of forks within, and effects that branches are")
  void parts() {
    Workflow<String, Void> flow =
        Workflow.of(
            "parts",
            String.class,
            (text, step) -> {
              entries.incrementAndGet();
              book(step, "first", text);
              var par = step.parallel("both");
              par.run("effect", String.class, () -> "e", with -> with.compensate("u", undone::add));
              var inner =
                  par.branch(
                      "inner",
                      String.class,
                      branch -> {
                        branch.sleep("rest", ofMillis(1));
                        branch.onCompensate("tell", undo -> undone.add("told at " + undo.path()));
                        var items =
                            branch.forEach(
                                "each",
                                String.class,
                                List.of("0", "1"),
                                (item, each) -> book(each, "item", item),
                                with -> with.concurrency(1));
                        return items.completed().toString();
                      });
              par.join();
              book(step, "last", inner.get());
              fails();
            });
    ended(flow, ExecutionStatus.COMPENSATED);
    assertThat(undone)
        .startsWith(
            "last of [item of 0, item of 1]",
            "item of 1",
            "item of 0",
            "told at body/both/inner/tell~tell")
        .endsWith("e", "first of x")
        .hasSize(6);
  }

  @Test
  @Proves("G9")
  @DisplayName(
      "A fork that was cut off: only what its parts have done, and nothing else of them runs")
  void cutOffFork() {
    Workflow<String, Void> flow =
        Workflow.of(
            "cut_off",
            String.class,
            (text, step) -> {
              var par = step.parallel("both");
              par.branch(
                  "waits",
                  branch -> {
                    book(branch, "waiting", text);
                    branch.await(GO);
                    undone.add("went on");
                  });
              par.branch(
                  "ends",
                  branch -> {
                    book(branch, "ended", text);
                  });
              par.join();
              undone.add("joined");
            },
            with -> with.compensateOn(CompensationTrigger.CANCEL));
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilWaiting(durable, id);
      durable.cancel(id, "enough");
      untilEnded(durable, id);
      assertThat(undone).containsExactlyInAnyOrder("waiting of x", "ended of x");
      assertThat(durable.questions().list(q -> {})).isEmpty();
    }
  }

  @Test
  @DisplayName("A compensation that asks the context of its body is told to use its own")
  void contextOfTheBody() {
    Workflow<String, Void> flow =
        Workflow.of(
            "other_context",
            String.class,
            (text, step) -> {
              step.run(
                  "key",
                  () -> {},
                  with -> with.compensate("k", none -> undone.add(step.idempotencyKey())));
              step.run(
                  "call",
                  () -> {},
                  with -> with.compensate("c", none -> step.run("late", () -> undone.add("late"))));
              fails();
            });
    Execution execution = ended(flow, ExecutionStatus.COMPENSATION_FAILED);
    assertThat(undone).isEmpty();
    assertThat(execution.compensations())
        .extracting(result -> result.error().message())
        .satisfiesExactly(
            call -> assertThat(call).contains("'body' for 'late'", "undo.run"),
            key -> assertThat(key).contains("'body' for its idempotency key", "undo.run"));
  }

  @Test
  @Proves("G9")
  @DisplayName("A body that has saved its progress comes by all that it has done")
  void progress() {
    Workflow<String, Void> flow =
        Workflow.of(
            "progressing",
            String.class,
            (text, step) -> {
              for (int i = step.progress(Integer.class).orElse(0); i < 3; i++) {
                book(step, "item" + i, text);
                step.progress(i + 1);
              }
              fails();
            },
            with -> with.retry(RetryPolicy.constant(ofMillis(1)).maxAttempts(2)));
    ended(flow, ExecutionStatus.COMPENSATED);
    assertThat(undone).containsExactly("item2 of x", "item1 of x", "item0 of x");
  }

  @Test
  @DisplayName("A body of a round reads results of its own round while it is looked back at")
  void resultsOfARound() {
    Workflow<String, String> flow =
        Workflow.define("round_results", String.class)
            .repeatUntil(
                "more",
                s -> s.length() >= 4,
                p ->
                    p.step("count", s -> s + s.length())
                        .step(
                            "in",
                            (s, step) -> {
                              String own = step.result(StepRef.of("more/count", String.class));
                              step.run(
                                  "room",
                                  () -> {},
                                  with -> with.compensate("free", n -> undone.add(own)));
                              return s;
                            }))
            .step("fails", s -> fails())
            .build();
    ended(flow, ExecutionStatus.COMPENSATED);
    assertThat(undone).containsExactly("x123", "x12", "x1");
  }

  // ---- when ----

  @SuppressWarnings("ImmutableEnumChecker") // Lambdas without state.
  enum Trigger {
    CANCEL((durable, id) -> durable.cancel(id, "no longer wanted")),
    TIMEOUT(null),
    GIVE_UP(
        (durable, id) -> {
          durable.send(id, GO, "park");
          untilStatus(durable, id, ExecutionStatus.PARKED);
          durable.giveUp(id, "it is in vain");
        }),
    FAILURE((durable, id) -> durable.send(id, GO, "fail"));

    final BiConsumer<Durable, UUID> ends;

    Trigger(BiConsumer<Durable, UUID> ends) {
      this.ends = ends;
    }
  }

  private Workflow<String, String> waiting(String name) {
    return Workflow.of(
        name,
        String.class,
        String.class,
        (text, step) -> {
          String room = book(step, "room", text);
          step.onCompensate("tell", undo -> undone.add(undo.cause().type()));
          String go = step.await(GO);
          step.run(
              "work",
              () -> fails(),
              with ->
                  with.retry(
                      go.equals("park") ? RetryPolicy.none().thenPark() : RetryPolicy.none()));
          return room;
        },
        with ->
            with.timeout(ofDays(1))
                .compensateOn(CompensationTrigger.CANCEL, CompensationTrigger.TIMEOUT));
  }

  @ParameterizedTest
  @EnumSource(Trigger.class)
  @Proves({"G9", "R-074"})
  @DisplayName("After a failure, a cancel, a timeout, or when it is given up")
  void triggers(Trigger trigger) {
    Workflow<String, String> flow = waiting("trigger_" + trigger);
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilWaiting(durable, id);
      if (trigger.ends == null) {
        db.makeOverdue(id);
      } else {
        trigger.ends.accept(durable, id);
      }
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
    }
    assertThat(undone).hasSize(2).contains("room of x");
  }

  @Test
  @DisplayName("A child is undone with its parent that fails")
  void parentClose() {
    Workflow<String, String> child = waiting("closed_child");
    Workflow<String, Void> parent =
        Workflow.of(
            "closing_parent",
            String.class,
            (text, step) -> {
              step.start(child, text);
              step.await(GO);
              fails();
            });
    try (Durable durable = db.start(parent, child)) {
      UUID id = durable.start(parent, "x").id();
      untilItAwaitsAnEvent(durable, id);
      UUID childId = durable.children(id).getFirst().id();
      untilWaiting(durable, childId);
      durable.send(id, GO, "fail");
      untilStatus(durable, childId, ExecutionStatus.COMPENSATED);
    }
    assertThat(undone).containsExactly("cancelled", "room of x");
  }

  @Test
  @DisplayName("A cancel while the body runs undoes what it has done until then")
  void cancelled() {
    Workflow<String, Void> flow =
        Workflow.of(
            "cancelled_body",
            String.class,
            (text, step) -> {
              book(step, "room", text);
              entries.incrementAndGet();
              new CountDownLatch(1).await();
            },
            with -> with.compensateOn(CompensationTrigger.CANCEL));
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      Gate.until(() -> entries.get() == 1);
      durable.cancel(id, "no longer wanted");
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
    }
    assertThat(undone).containsExactly("room of x");
    assertThat(entries).as("it does not come to the latch once more").hasValue(1);
  }

  @Test
  @Proves("R-075")
  @DisplayName("Nothing is undone of a body that has said nothing, nor after success")
  void nothing() {
    Workflow<String, String> plain =
        Workflow.of(
            "plain_body",
            String.class,
            String.class,
            (text, step) -> step.run("room", String.class, () -> "r") + fails(),
            with -> with.compensateOn(CompensationTrigger.TIMEOUT));
    assertThat(ended(plain, ExecutionStatus.FAILED).compensations()).isEmpty();
    Workflow<String, String> good =
        Workflow.of(
            "good_body", String.class, String.class, (text, step) -> book(step, "room", text));
    ended(good, ExecutionStatus.COMPLETED);
    assertThat(undone).isEmpty();
  }

  @Test
  @DisplayName("A compensation that a later version adds does not count for what was done before")
  void addedLater() {
    Workflow<String, String> first =
        Workflow.of(
            "added_later",
            String.class,
            String.class,
            (text, step) -> step.run("room", String.class, () -> "r") + step.await(GO));
    Workflow<String, String> second =
        Workflow.of(
            "added_later",
            String.class,
            String.class,
            (text, step) -> book(step, "room", text) + step.await(GO) + fails());
    assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
    UUID id;
    try (Durable durable = db.start(first)) {
      id = durable.start(first, "x").id();
      untilWaiting(durable, id);
    }
    try (Durable durable = db.start(second)) {
      durable.send(id, GO, "go");
      untilStatus(durable, id, ExecutionStatus.FAILED);
    }
    assertThat(undone).isEmpty();
  }

  // ---- how ----

  @Test
  @Proves({"R-073", "R-078"})
  @DisplayName("With retries, a timeout, a key and effects of its own, as a node's")
  void options() {
    Workflow<String, Void> flow =
        Workflow.of(
            "undo_options",
            String.class,
            (text, step) -> {
              entries.incrementAndGet();
              step.run(
                  "room",
                  String.class,
                  () -> "r",
                  with ->
                      with.compensate(
                          "free",
                          (room, undo) -> {
                            undo.run("once", () -> undone.add("once"));
                            undone.add(
                                undo.attempt()
                                    + " "
                                    + undo.idempotencyKey().endsWith("/body/room~free"));
                            if (undo.attempt() == 1) {
                              fails();
                            }
                          },
                          how -> how.retry(RetryPolicy.constant(ofHours(1)))));
              step.onCompensate(
                  "slow", undo -> new CountDownLatch(1).await(), how -> how.timeout(ofMillis(20)));
              fails();
            });
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      Gate.until(
          () ->
              durable.find(id).orElseThrow().status() == ExecutionStatus.COMPENSATING
                  && durable.find(id).orElseThrow().wakeAt() != null
                  && !db.isOwned(id)
                  && history(durable, id).contains("compensation body/room~free failed"));
      db.makeDue(id);
      untilStatus(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(undone).containsExactly("once", "1 true", "2 true");
      assertThat(durable.find(id).orElseThrow().compensations())
          .extracting(CompensationResult::handler, result -> type(result.error()))
          .containsExactly(
              tuple("slow", "dev.durable.workflow.StepTimeoutException"), tuple("free", "none"));
    }
  }

  private static String type(ErrorInfo error) {
    return error == null ? "none" : error.type();
  }
}
