package dev.durable.family;

import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F8.1")
@DisplayName("An execution that ends also ends children that are just beginning")
class FamilyCloseTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private static final Event<String> NEVER = Event.of("never", String.class);

  private static final Workflow<String, String> LEAF =
      Workflow.define("leaf", String.class).await("never", NEVER, (s, got) -> s).build();

  private static final Workflow<String, String> MIDDLE =
      Workflow.define("middle", String.class)
          .call("leaf", LEAF, s -> s, (s, result) -> result)
          .build();

  private final TestDatabase db;

  FamilyCloseTest(TestDatabase db) {
    this.db = db;
  }

  /** The ways in which the top, or its call of the middle, ends. */
  enum End {
    CANCEL {
      @Override
      void of(Durable durable, TestDatabase db, UUID top) {
        durable.cancel(top, "enough");
      }
    },
    FAILURE {
      @Override
      void of(Durable durable, TestDatabase db, UUID top) {
        durable.send(top, GO, "fail");
      }
    },
    LOST_ANY {
      @Override
      void of(Durable durable, TestDatabase db, UUID top) {
        durable.send(top, GO, "win");
      }
    },
    WORKFLOW_TIMEOUT {
      @Override
      void of(Durable durable, TestDatabase db, UUID top) {
        db.makeOverdue(top);
      }
    },
    CALL_TIMEOUT {
      @Override
      void of(Durable durable, TestDatabase db, UUID top) {
        db.letPass(Duration.ofHours(2));
      }
    };

    abstract void of(Durable durable, TestDatabase db, UUID top);
  }

  private static Workflow<String, String> top(boolean any) {
    return Workflow.define(any ? "any" : "all", String.class)
        .parallel(
            "race",
            par -> {
              par.path(
                  "event",
                  String.class,
                  path ->
                      path.await("go", GO, (s, got) -> got).step("judge", FamilyCloseTest::judge));
              par.path(
                  "call",
                  String.class,
                  path ->
                      path.call(
                          "middle", MIDDLE, s -> s, with -> with.timeout(Duration.ofHours(1))));
              return par.join((s, results) -> "over");
            },
            with -> {
              if (any) {
                with.any();
              }
            })
        .build();
  }

  private static String judge(String what) {
    if (what.equals("fail")) {
      throw new IllegalStateException(what);
    }
    return what;
  }

  @ParameterizedTest
  @EnumSource(End.class)
  @Proves("F8.1")
  @DisplayName("A child of the child is being started at that moment")
  void aGrandchildIsBeingStarted(End end) throws SQLException {
    try (Durable durable = start()) {
      Family family = family(durable, end);
      startsMeanwhile(durable, family, family.middle, end);
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  @Proves("F8.1")
  @DisplayName("A child of the child's child is being started at that moment")
  void aGreatGrandchildIsBeingStarted(End end) throws SQLException {
    try (Durable durable = start()) {
      Family family = family(durable, end);
      startsMeanwhile(durable, family, family.leaf, end);
    }
  }

  @Test
  @Proves("F8.1")
  @DisplayName("The children of rounds that the history has forgotten end as well")
  void childrenOfForgottenRounds() {
    Workflow<Integer, Integer> rounds =
        Workflow.define("rounds", Integer.class)
            .repeatUntil(
                "more",
                n -> n == 3,
                path ->
                    path.step(
                        "add",
                        (Integer n, StepContext<Integer> step) -> {
                          if (n == 0) {
                            step.start("leaf", LEAF, "x", with -> {});
                          }
                          return n + 1;
                        }))
            .await("go", GO, (n, got) -> n)
            .step(
                "fail",
                (Integer n) -> {
                  throw new IllegalStateException("over");
                })
            .build();
    try (Durable durable = db.start(LEAF, rounds)) {
      UUID id = durable.start(rounds, 0).id();
      untilWaiting(durable, id);
      UUID child = waitingChild(durable, id);
      durable.send(id, GO, "on");
      untilStatus(durable, id, ExecutionStatus.FAILED);
      assertThat(status(durable, child)).isEqualTo(ExecutionStatus.CANCELLED);
    }
  }

  private Durable start() {
    return db.start(LEAF, MIDDLE, top(true), top(false));
  }

  private record Family(UUID top, UUID middle, UUID leaf) {}

  private static Family family(Durable durable, End end) {
    UUID id = durable.start(top(end != End.FAILURE && end != End.CALL_TIMEOUT), "a").id();
    UUID middle = waitingChild(durable, id);
    UUID leaf = waitingChild(durable, middle);
    for (UUID each : new UUID[] {id, middle, leaf}) {
      untilWaiting(durable, each);
    }
    return new Family(id, middle, leaf);
  }

  private static UUID waitingChild(Durable durable, UUID parent) {
    Gate.until(() -> durable.children(parent).size() == 1);
    return durable.children(parent).getFirst().id();
  }

  /**
   * Another session starts a child, and that child's child: it has locked the parent, as an owner
   * does, and commits once the end waits for that lock.
   */
  private void startsMeanwhile(Durable durable, Family family, UUID parent, End end)
      throws SQLException {
    UUID child = UUID.randomUUID();
    UUID grandchild = UUID.randomUUID();
    CompletableFuture<Void> ending;
    try (Connection other = db.newConnection()) {
      ExecutionRows.lockAsAnEntryDoes(other, parent);
      bear(other, parent, child);
      bear(other, child, grandchild);
      ending = CompletableFuture.runAsync(() -> end.of(durable, db, family.top));
      db.awaitBlocked(1);
      other.commit();
    }
    ending.join();
    untilStatus(durable, family.middle, ExecutionStatus.CANCELLED);
    for (UUID each : new UUID[] {family.middle, family.leaf, child, grandchild}) {
      assertThat(status(durable, each)).isEqualTo(ExecutionStatus.CANCELLED);
    }
    untilEnded(durable, family.top);
  }

  private static void bear(Connection session, UUID parent, UUID child) throws SQLException {
    try (PreparedStatement insert =
        session.prepareStatement(
            """
            insert into durable.workflow_executions
              (id, workflow_name, workflow_version, status, queue, input, parent_workflow_id,
               parent_step, parent_close_policy, wake_at, inserted_at, updated_at)
            values (?, 'leaf', 1, 'pending', 'elsewhere', '"x"', ?, 'more', 'cancel',
                    now(), now(), now())
            """)) {
      insert.setObject(1, child);
      insert.setObject(2, parent);
      insert.executeUpdate();
    }
  }
}
