package dev.durable.migration;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A newer library migrates while this one works, and is started again. */
class RollingUpgradeTest {

  private final TestDatabase db = TestDatabase.migrated();
  private final Gate gate = new Gate();
  private final Workflow<String, String> workflow =
      Workflow.define("w", String.class)
          .step("first", name -> name)
          .step(
              "wait",
              name -> {
                gate.pass();
                return name + "!";
              })
          .build();

  private DurableMigration next(Version newest) {
    return DurableMigration.on(db.dataSource()).knowing(NextLibrary.upTo(newest));
  }

  @Test
  @Proves("issue 14")
  @DisplayName("An old process keeps working during an upgrade, and may restart after it")
  void oldProcesses() {
    ExecutionHandle<String> handle;
    try (Durable old = db.start(workflow)) {
      handle = old.start(workflow, "a");
      gate.awaitReached();
      next(NextLibrary.VALID).up();
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("a!");
    }
    assertThat(db.number("select count(*) from durable.workflow_executions where note is null"))
        .isEqualTo(1);
    try (Durable restarted =
        Durable.on(db.dataSource()).register(workflow).migrate(true).startWorker()) {
      assertThat(restarted.start(workflow, "b").result(SOON)).isEqualTo("b!");
    }
    try (Durable client = Durable.on(db.dataSource()).build()) {
      assertThat(client.find(handle.id())).isPresent();
    }
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A library too old for a schema refuses it, and names the first version that fits")
  void tooOld() {
    next(NextLibrary.GONE).up();
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> db.start(workflow).close())
        .withMessageContainingAll(
            "" + NextLibrary.GONE.number(),
            "" + NextLibrary.VALID.number(),
            "" + DurableMigration.currentVersion());
    assertThatCode(() -> next(NextLibrary.VALID).verify()).doesNotThrowAnyException();
    assertThat(next(NextLibrary.VALID).compatibleFrom()).isEqualTo(NextLibrary.VALID.number());
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A rollback of the migration lets the old library in again")
  void rolledBack() {
    next(NextLibrary.GONE).up();
    next(NextLibrary.GONE).step(1).down();
    assertThatCode(() -> DurableMigration.on(db.dataSource()).verify()).doesNotThrowAnyException();
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A library newer than the schema still refuses it")
  void tooNew() {
    next(NextLibrary.NOTE).up();
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> next(NextLibrary.VALID).verify())
        .withMessageContaining("" + NextLibrary.INDEX.number());
  }

  @Test
  void aVersionThatSaysNothingIsCompatibleWithItselfOnly() {
    db.addMigration(29990101000000L);
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> DurableMigration.on(db.dataSource()).verify());
  }

  @AfterEach
  void close() {
    gate.open();
    db.close();
  }
}
