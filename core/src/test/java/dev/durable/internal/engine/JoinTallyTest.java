package dev.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.step.BranchResult;
import dev.durable.internal.engine.step.JoinTally;
import dev.durable.workflow.JoinPolicy;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JoinTallyTest {

  private static final BranchResult DONE = new BranchResult.Done(JsonValue.of("1"));
  private static final BranchResult FAILED =
      new BranchResult.Failed(ErrorInfo.of("x", "it broke", "p/a"));

  @Test
  @DisplayName("A quorum is decided once enough have completed; the others count as stopped")
  void reachesAQuorum() throws StepFailure {
    JoinTally tally = new JoinTally("p", new JoinPolicy.Quorum(2), 4);
    tally.ended(3, DONE);
    tally.ended(0, FAILED);
    assertThat(tally.isDecided()).isFalse();
    tally.ended(1, DONE);
    assertThat(tally.isDecided()).isTrue();
    assertThat(tally.results()).containsExactly(FAILED, DONE, new BranchResult.Stopped(), DONE);
  }

  @Test
  @DisplayName("A quorum fails as soon as too many have failed, with the first failure")
  void missesAQuorum() throws StepFailure {
    JoinTally tally = new JoinTally("p", new JoinPolicy.Quorum(2), 3);
    tally.ended(0, FAILED);
    assertThatThrownBy(() -> tally.ended(1, FAILED))
        .isInstanceOf(StepFailure.class)
        .hasMessage("'p' needs 2 of its 3 branches, but 2 have failed; the first with: it broke");
  }

  @Test
  @DisplayName("With fail-fast, the first failure fails the whole fork")
  void failsFast() {
    JoinTally tally = new JoinTally("p", new JoinPolicy.FailFast(), 2);
    assertThatThrownBy(() -> tally.ended(1, FAILED)).hasMessage("it broke");
  }
}
