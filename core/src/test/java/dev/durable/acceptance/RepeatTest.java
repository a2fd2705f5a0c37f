package dev.durable.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Repeat, for long")
class RepeatTest {

  private final TestDatabase db;

  RepeatTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("2,000 rounds leave a history of one")
  void manyRoundsLeaveASmallHistory() {
    roundsLeaveASmallHistory(2_000, Duration.ofMinutes(1));
  }

  @Test
  @Tag("slow")
  @DisplayName("100,000 rounds leave a history of one")
  void veryManyRoundsLeaveASmallHistory() {
    roundsLeaveASmallHistory(100_000, Duration.ofMinutes(20));
  }

  private void roundsLeaveASmallHistory(int rounds, Duration patience) {
    Workflow<Integer, Integer> count =
        Workflow.define("count_to_" + rounds, Integer.class)
            .repeat(
                "more", with -> with.until(n -> n == rounds), path -> path.step("add", n -> n + 1))
            .build();
    try (Durable durable = db.start(count)) {
      ExecutionHandle<Integer> handle = durable.start(count, 0);
      assertThat(handle.result(patience)).isEqualTo(rounds);
      assertThat(durable.steps(handle.id()))
          .extracting(row -> row.path() + " " + row.attempt())
          .containsExactlyInAnyOrder("more " + rounds, "more[" + (rounds - 1) + "]/add 1");
    }
  }
}
