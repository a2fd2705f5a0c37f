package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.testing.TestTables;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Workflow;
import java.math.BigDecimal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A result that the database refuses")
class RefusedResultTest {

  private final TestDatabase db;

  RefusedResultTest(TestDatabase db) {
    this.db = db;
  }

  private final BigDecimal tooLarge = new BigDecimal("1e200000");

  private Durable refusing(Workflow<?, ?> workflow) {
    Durable durable = db.start(workflow);
    db.rejectResults("%1E+200000%");
    return durable;
  }

  @AfterEach
  void takesItAgain() {
    db.acceptResults();
  }

  @Test
  @Proves("G12")
  @DisplayName("A later failure fails the execution with it, and nothing hangs")
  void isFoundOutWithTheNextFailure() {
    Workflow<BigDecimal, BigDecimal> workflow =
        Workflow.define("refused", BigDecimal.class)
            .repeatUntil(
                "more",
                n -> {
                  throw new IllegalStateException("cannot tell");
                },
                round -> round.step("make", n -> tooLarge))
            .build();
    try (Durable durable = refusing(workflow)) {
      ExecutionHandle<BigDecimal> handle = durable.start(workflow, BigDecimal.ONE);
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining(TestTables.REJECTED);
      assertThat(history(durable, handle.id())).containsExactly("step more[0]/make failed");
    }
  }

  @Test
  @DisplayName("completeAll: only its own branch fails")
  void failsOnlyItsOwnBranch() {
    Workflow<Integer, Integer> workflow =
        Workflow.define("refused_branch", Integer.class)
            .parallel(
                "both",
                par -> {
                  par.step("large", BigDecimal.class, (n, step) -> tooLarge);
                  BranchRef<Integer> small = par.step("small", Integer.class, (n, step) -> n);
                  return par.join((n, results) -> results.get(small) + 1);
                },
                with -> with.completeAll())
            .build();
    try (Durable durable = refusing(workflow)) {
      assertThat(durable.start(workflow, 1).result(SOON)).isEqualTo(2);
    }
  }
}
