package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.Question;
import dev.durable.question.QuestionClosedException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("R-187")
@DisplayName("A question that opens while it is looked for")
@ExtendWith(DatabaseExtension.class)
class OpeningQuestionTest {

  private final TestDatabase db;

  OpeningQuestionTest(TestDatabase db) {
    this.db = db;
  }

  /** All looks for the question but the first, which says whether it is open. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6})
  @DisplayName("It is answered, whichever look finds it")
  void answeredWhicheverLookFindsIt(int look) {
    Gate gate = new Gate();
    Workflow<String, String> asks = asks(gate);
    try (HikariDataSource pool = db.newPool(2);
        Durable durable = db.start(asks)) {
      ExecutionHandle<String> handle = durable.start(asks, "x");
      gate.awaitReached();
      StruckStatements looks =
          new StruckStatements(
              sql -> sql.contains("i.answer_type"),
              number -> {
                if (number == look) {
                  gate.open();
                  untilItAsks(durable, handle.id());
                }
              });
      try (Durable client = Durable.on(looks.on(pool)).build()) {
        client.questions().answer(handle.id(), "q", "yes", "ada");
      }
      assertThat(handle.result(EVENTUALLY)).isEqualTo("yes");
    }
  }

  @Test
  @DisplayName("Before it opens, the message does not name it")
  void notNamedBeforeItOpens() {
    Gate gate = new Gate();
    Workflow<String, String> asks = asks(gate);
    try (Durable durable = db.start(asks)) {
      ExecutionHandle<String> handle = durable.start(asks, "x");
      gate.awaitReached();
      assertThatThrownBy(() -> durable.questions().answer(handle.id(), "q", "yes", "ada"))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageEndingWith("asks no question 'q'. It asks: []");
      gate.open();
    }
  }

  private static Workflow<String, String> asks(Gate gate) {
    return Workflow.define("opens", String.class)
        .step(
            "s",
            (String data, StepContext<String> step) -> {
              gate.pass();
              return step.ask("q", Question.text("?"));
            })
        .build();
  }
}
