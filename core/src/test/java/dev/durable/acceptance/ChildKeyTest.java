package dev.durable.acceptance;

import static dev.durable.IfEnded.RESTART;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proxies;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.ChildKeyTakenException;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A child has a key of its own")
class ChildKeyTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private static final String BIRTH = "parent_close_policy,";

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("say", s -> s + "!").build();

  private static final Workflow<String, String> BROKEN =
      Workflow.define("broken", String.class)
          .step(
              "fail",
              (String s) -> {
                throw new IllegalArgumentException("no " + s);
              })
          .build();

  /** Calls a child with the input as its key; hands on what it gets, or who has the key. */
  private static final Workflow<String, String> CALLS =
      Workflow.of(
          "calls",
          String.class,
          String.class,
          (key, step) -> {
            try {
              return step.call("child", ECHO, "a", with -> with.key(key));
            } catch (ChildKeyTakenException taken) {
              return "taken by " + taken.existing();
            }
          });

  /** Starts a child with the input as its key; hands on its id, or who has the key. */
  private static final Workflow<String, String> STARTS =
      Workflow.of(
          "starts",
          String.class,
          String.class,
          (key, step) -> {
            try {
              return "started " + step.start("child", ECHO, "a", with -> with.key(key));
            } catch (ChildKeyTakenException taken) {
              return "taken by " + taken.existing();
            }
          });

  private final TestDatabase db;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicBoolean broken = new AtomicBoolean();

  ChildKeyTest(TestDatabase db) {
    this.db = db;
  }

  private Durable start(Workflow<?, ?>... workflows) {
    return start(db.dataSource(), workflows);
  }

  private static Durable start(DataSource pool, Workflow<?, ?>... workflows) {
    return Durable.on(pool).register(ECHO, BROKEN, CALLS, STARTS).register(workflows).startWorker();
  }

  private static Execution withKey(Durable durable, String key) {
    return durable.find("echo", key).orElseThrow();
  }

  @Test
  @DisplayName("in nodes made of the data or of the item, and in bodies")
  void hasItsKey() {
    Workflow<String, String> tree =
        Workflow.define("tree", String.class)
            .call("call", ECHO, s -> s, (s, got) -> s, with -> with.key(s -> s + "-called"))
            .start("start", ECHO, s -> s, with -> with.key(s -> s + "-started").tag("a", "b"))
            .callEach(
                "each", ECHO, s -> List.of("x", "y"), with -> with.key(item -> item + "-each"))
            .build();
    try (Durable durable = start(tree)) {
      ExecutionHandle<String> handle = durable.start(tree, "t");
      assertThat(handle.result(SOON)).isEqualTo("t");
      assertThat(durable.children(handle.id()))
          .extracting(Execution::key)
          .containsExactlyInAnyOrder("t-called", "t-started", "x-each", "y-each");
      assertThat(withKey(durable, "t-started").tags()).containsEntry("a", "b");
      assertThat(durable.start(CALLS, "b-called").result(SOON)).isEqualTo("a!");
      assertThat(durable.start(STARTS, "b-started").result(SOON))
          .isEqualTo("started " + withKey(durable, "b-started").id());
      assertThat(durable.start(ECHO, "x", o -> o.key("b-called")).isNew()).isFalse();
    }
  }

  @Test
  @DisplayName("that no other execution may have: the call fails, typed, and adopts nobody")
  void isTaken() {
    Workflow<String, String> tree =
        Workflow.define("tree", String.class)
            .step(
                "call",
                String.class,
                (s, step) -> step.call("child", ECHO, s, with -> with.key(s)),
                with -> with.retry(RetryPolicy.constant(ofMillis(1)).maxAttempts(5)))
            .build();
    try (Durable durable = start(tree)) {
      ExecutionHandle<String> other = durable.start(ECHO, "o", o -> o.key("taken"));
      assertThat(other.result(SOON)).isEqualTo("o!");
      for (Workflow<String, String> parent : List.of(CALLS, STARTS)) {
        ExecutionHandle<String> handle = durable.start(parent, "taken");
        assertThat(handle.result(SOON)).isEqualTo("taken by " + other.id());
        assertThat(durable.children(handle.id())).isEmpty();
      }
      ExecutionHandle<String> failed = durable.start(tree, "taken");
      assertThatThrownBy(() -> failed.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining(other.id().toString());
      assertThat(durable.steps(failed.id()))
          .filteredOn(row -> row.path().equals("call"))
          .as("it is not tried again")
          .hasSize(1);
      db.update("delete from durable.workflow_executions where id = ?", other.id());
      db.update("delete from durable.step_executions where workflow_id = ?", other.id());
      durable.retry(failed.id());
      assertThat(failed.result(SOON)).isEqualTo("taken!");
    }
  }

  @Test
  @DisplayName("that it shares with no sibling")
  void isTakenByASibling() {
    Workflow<String, Integer> tree =
        Workflow.define("tree", String.class)
            .callEach(
                "each",
                Integer.class,
                ECHO,
                s -> List.of("x", "y", "z"),
                (s, results) -> results.failed().size(),
                with -> with.key(item -> "sibling").completeAll())
            .build();
    try (Durable durable = start(tree)) {
      ExecutionHandle<Integer> handle = durable.start(tree, "t");
      assertThat(handle.result(SOON)).isEqualTo(2);
      assertThat(durable.children(handle.id())).hasSize(1);
    }
  }

  @Test
  @DisplayName("and learns that it is taken while other branches run")
  void isTakenBesideARunningBranch() {
    Gate gate = new Gate();
    Workflow<String, String> tree =
        Workflow.define("tree", String.class)
            .parallel(
                "both",
                par -> {
                  par.step(
                      "runs",
                      String.class,
                      (s, step) -> {
                        gate.pass();
                        return s;
                      });
                  BranchRef<String> called =
                      par.step(
                          "calls",
                          String.class,
                          (s, step) -> {
                            try {
                              return step.call("child", ECHO, "a", with -> with.key("beside"));
                            } catch (ChildKeyTakenException taken) {
                              gate.open();
                              return "taken by " + taken.existing();
                            }
                          });
                  return par.join((s, results) -> s + results.get(called));
                })
            .build();
    try (Durable durable = start(tree)) {
      UUID other = durable.start(ECHO, "o", o -> o.key("beside")).id();
      assertThat(durable.start(tree, "t").result(SOON)).isEqualTo("ttaken by " + other);
    }
  }

  @Test
  @DisplayName("even if another execution gets it at the last moment")
  void isTakenAtTheLastMoment() {
    try (Durable client = Durable.on(db.dataSource()).register(ECHO).build();
        Durable registered = start()) {
      registered.close();
      for (Workflow<String, String> parent : List.of(CALLS, STARTS)) {
        String key = "race-" + parent.name();
        StruckStatements late =
            new StruckStatements(
                sql -> sql.contains(BIRTH),
                number -> {
                  if (number == 1) {
                    client.start(ECHO, "o", o -> o.key(key));
                  }
                });
        try (Durable durable = start(late.on(db.dataSource()))) {
          ExecutionHandle<String> handle = durable.start(parent, key);
          assertThat(handle.result(SOON)).isEqualTo("taken by " + withKey(client, key).id());
          assertThat(durable.children(handle.id())).isEmpty();
          assertThat(late.count()).isPositive();
        }
      }
    }
  }

  @Test
  @DisplayName("and is found to have it if the answer to its start is lost")
  void isItsOwnAfterALostAnswer() {
    for (Workflow<String, String> parent : List.of(CALLS, STARTS)) {
      String key = "lost-" + parent.name();
      AtomicBoolean lost = new AtomicBoolean();
      try (Durable durable =
          start(losing(DataSource.class, db.dataSource(), () -> lost.compareAndSet(false, true)))) {
        ExecutionHandle<String> handle = durable.start(parent, key);
        String expected = parent == CALLS ? "a!" : "started " + untilBorn(durable, key);
        assertThat(handle.result(SOON)).isEqualTo(expected);
        assertThat(lost).isTrue();
        assertThat(durable.children(handle.id())).extracting(Execution::key).containsExactly(key);
      }
    }
  }

  private static UUID untilBorn(Durable durable, String key) {
    Gate.until(() -> durable.find("echo", key).isPresent());
    return withKey(durable, key).id();
  }

  /** Loses the answers to the statements that store children, when it is told to. */
  private static <T> T losing(Class<T> type, T target, BooleanSupplier when) {
    return Proxies.of(
        type,
        (method, arguments) -> {
          Object result = Proxies.call(target, method, arguments);
          if (type == PreparedStatement.class
              && method.getName().startsWith("execute")
              && when.getAsBoolean()) {
            throw new SQLException("The answer is lost.", "08006");
          }
          String sql = arguments.length > 0 ? String.valueOf(arguments[0]) : "";
          return switch (result) {
            case Connection connection when type == DataSource.class ->
                losing(Connection.class, connection, when);
            case PreparedStatement statement when sql.contains(BIRTH) ->
                losing(PreparedStatement.class, statement, when);
            case null, default -> result;
          };
        });
  }

  @Test
  @DisplayName("and does not continue with its parent once a later start has taken it")
  void doesNotContinueWithoutItsKey() {
    Workflow<String, String> tree =
        Workflow.define("tree", String.class)
            .call("call", BROKEN, s -> s, with -> with.key(s -> s))
            .build();
    Workflow<String, String> leaving =
        Workflow.define("leaving", String.class)
            .start("start", WAITS, s -> s, with -> with.key(s -> s))
            .step("fail", this::failsOnce)
            .build();
    try (Durable durable = start(tree, WAITS, leaving)) {
      ExecutionHandle<String> parent = durable.start(tree, "moved");
      untilStatus(parent, ExecutionStatus.FAILED);
      UUID child = durable.children(parent.id()).getFirst().id();
      UUID later = durable.start(BROKEN, "x", o -> o.key("moved").ifEnded(RESTART)).id();
      durable.retry(parent.id());
      assertThatThrownBy(() -> parent.result(SOON)).hasMessageContaining(later.toString());
      assertThat(durable.find(child).orElseThrow().status()).isEqualTo(ExecutionStatus.FAILED);

      ExecutionHandle<String> left = durable.start(leaving, "left");
      untilStatus(left, ExecutionStatus.FAILED);
      UUID started = durable.children(left.id()).getFirst().id();
      untilStatus(durable, started, ExecutionStatus.CANCELLED);
      UUID newest = durable.start(WAITS, "x", o -> o.key("left").ifEnded(RESTART)).id();
      durable.retry(left.id());
      assertThat(left.result(SOON)).isEqualTo("left");
      assertThat(durable.find(started).orElseThrow().status()).isEqualTo(ExecutionStatus.CANCELLED);
      durable.cancel(newest);
    }
  }

  /** Reserves, and ships if that is not broken; otherwise it is compensated. */
  private final Workflow<String, String> saga =
      Workflow.define("saga", String.class)
          .step("reserve", s -> s, with -> with.compensate("let", s -> calls.incrementAndGet()))
          .step(
              "ship",
              (String s) -> {
                if (broken.get()) {
                  throw new IllegalArgumentException("no " + s);
                }
                return s + "!";
              })
          .build();

  @Test
  @DisplayName("that it leaves to another one which the retry of its parent starts instead")
  void leavesItToItsSuccessor() {
    Workflow<String, String> tree =
        Workflow.define("tree", String.class)
            .call("call", saga, s -> s, with -> with.key(s -> s))
            .build();
    Workflow<String, String> body =
        Workflow.of(
            "body",
            String.class,
            String.class,
            (s, step) -> step.call("each", saga, s, with -> with.key(s)));
    AtomicBoolean lost = new AtomicBoolean(true);
    try (Durable durable =
        start(
            losing(DataSource.class, db.dataSource(), () -> lost.compareAndSet(false, true)),
            saga,
            tree,
            body)) {
      for (Workflow<String, String> parent : List.of(tree, body)) {
        broken.set(true);
        calls.set(0);
        String key = "succeeds-" + parent.name();
        ExecutionHandle<String> handle = durable.start(parent, key);
        untilStatus(handle, ExecutionStatus.FAILED);
        durable.retry(handle.id());
        Gate.until(() -> calls.get() == 2);
        untilStatus(handle, ExecutionStatus.FAILED);
        broken.set(false);
        lost.set(false);
        durable.retry(handle.id());
        assertThat(handle.result(SOON)).isEqualTo(key + "!");
        assertThat(lost).as("the answer to its start was lost").isTrue();
        List<Execution> children = durable.children(handle.id());
        assertThat(children)
            .extracting(Execution::status)
            .containsExactly(
                ExecutionStatus.COMPENSATED,
                ExecutionStatus.COMPENSATED,
                ExecutionStatus.COMPLETED);
        assertThat(children).extracting(Execution::key).containsExactly(null, null, key);
        assertThat(children).extracting(Execution::formerKey).containsExactly(key, key, null);
      }
    }
  }

  @Test
  @DisplayName("that it leaves to no other step and no other parent, even when it is compensated")
  void leavesItToNobodyElse() {
    Workflow<String, String> twice =
        Workflow.of(
            "twice",
            String.class,
            String.class,
            (s, step) -> {
              try {
                return step.call("one", saga, s, with -> with.key(s));
              } catch (ChildFailedException compensated) {
                return step.call("two", saga, s, with -> with.key(s));
              }
            });
    broken.set(true);
    try (Durable durable = start(saga, twice)) {
      UUID first = durable.start(twice, "kept").id();
      untilStatus(durable, first, ExecutionStatus.FAILED);
      UUID second = durable.start(twice, "kept").id();
      untilStatus(durable, second, ExecutionStatus.FAILED);
      UUID holder = durable.find("saga", "kept").orElseThrow().id();
      assertThat(durable.children(first)).extracting(Execution::id).containsExactly(holder);
      assertThat(durable.children(second)).isEmpty();
      for (UUID parent : List.of(first, second)) {
        assertThat(durable.find(parent).orElseThrow().error().message())
            .contains("was not started: execution " + holder + " has its key");
      }
    }
  }

  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("go", GO, (s, got) -> s + got).build();

  private String failsOnce(String s) {
    if (calls.incrementAndGet() == 1) {
      throw new IllegalStateException("not yet");
    }
    return s;
  }
}
