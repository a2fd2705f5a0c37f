package dev.durable.values;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F7.3")
@DisplayName("An answer is read as its question's type before it closes the question")
class AnswerTest {

  private final TestDatabase db;

  AnswerTest(TestDatabase db) {
    this.db = db;
  }

  /** A form of numbers, with a check of its own. */
  record Numbers(
      int whole,
      short small,
      long large,
      double fraction,
      float single,
      BigDecimal exact,
      BigInteger huge) {
    Numbers {
      if (whole < 0) {
        throw new IllegalArgumentException("whole must not be negative, but is " + whole);
      }
    }
  }

  private static final Numbers GOOD =
      new Numbers(1, (short) 2, 3, 4.5, 5.5f, new BigDecimal("6.25"), BigInteger.TEN);

  private static final String FITS =
      "{\"whole\":1,\"small\":2,\"large\":3,\"fraction\":4.5,\"single\":5.5,"
          + "\"exact\":6.25,\"huge\":10}";

  private static final Workflow<String, Numbers> NUMBERS =
      Workflow.define("numbers", String.class)
          .ask(
              "ask",
              dev.durable.json.TypeRef.of(Numbers.class),
              n -> Question.form("?", Numbers.class),
              (n, a) -> a)
          .build();

  static List<String> unfit() {
    return List.of(
        FITS.replace("\"whole\":1", "\"whole\":3000000000"),
        FITS.replace("\"whole\":1", "\"whole\":-1"),
        FITS.replace("\"whole\":1", "\"whole\":1.5"),
        FITS.replace("\"whole\":1", "\"whole\":\"1\""),
        FITS.replace("\"whole\":1", "\"whole\":null"),
        FITS.replace("\"whole\":1", "\"whole\":1e400"),
        FITS.replace("\"small\":2", "\"small\":40000"),
        FITS.replace("\"large\":3", "\"large\":9223372036854775808"),
        FITS.replace("\"fraction\":4.5", "\"fraction\":1e400"),
        FITS.replace("\"single\":5.5", "\"single\":1e39"),
        FITS.replace("\"exact\":6.25", "\"exact\":1e200000"),
        FITS.replace("\"huge\":10", "\"huge\":1e900000"),
        FITS.replace("\"huge\":10", "\"huge\":true"),
        FITS + "}",
        "{\"whole\":",
        "whole=1",
        "",
        "\"\\u0000\"",
        "[]",
        "null");
  }

  @ParameterizedTest
  @MethodSource("unfit")
  @Proves("F7.3")
  @DisplayName(
      "An answer that does not fit is refused with the reason, and the question stays open")
  void refusesWhatDoesNotFit(String json) {
    try (Durable durable = db.start(NUMBERS)) {
      ExecutionHandle<Numbers> handle = durable.start(NUMBERS, "x");
      untilItAsks(durable, handle.id());
      assertThatThrownBy(() -> durable.questions().answerJson(handle.id(), "ask", json, "eve"))
          .isInstanceOfSatisfying(
              InvalidAnswerException.class, e -> assertThat(e.reasons()).isNotEmpty())
          .hasMessageContaining("'ask'");
      durable.questions().answerJson(handle.id(), "ask", FITS, "eve");
      assertThat(handle.result(SOON)).isEqualTo(GOOD);
    }
  }

  @Test
  @Proves("F7.3")
  @DisplayName("The reason is the record's own; whole numbers may be written as they like")
  void saysWhy() {
    try (Durable durable = db.start(NUMBERS);
        Durable client = Durable.on(db.dataSource()).build()) {
      ExecutionHandle<Numbers> handle = durable.start(NUMBERS, "x");
      untilItAsks(durable, handle.id());
      String negative = FITS.replace("\"whole\":1", "\"whole\":-1");
      assertThatThrownBy(() -> client.questions().answerJson(handle.id(), "ask", negative, "eve"))
          .isInstanceOf(InvalidAnswerException.class)
          .hasMessageContaining("whole must not be negative, but is -1");
      String large = FITS.replace("\"whole\":1", "\"whole\":3000000000");
      assertThatThrownBy(() -> client.questions().answerJson(handle.id(), "ask", large, "eve"))
          .hasMessageContaining("out of range of int");
      client
          .questions()
          .answerJson(handle.id(), "ask", FITS.replace("\"large\":3", "\"large\":3.0e0"), "eve");
      assertThat(handle.result(SOON)).isEqualTo(GOOD);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Proves("F7.3")
  @DisplayName("An answer in the caller's transaction is checked as well")
  void checksInTheCallersTransaction(boolean fits) throws Exception {
    try (Durable durable = db.start(NUMBERS);
        var connection = db.newConnection()) {
      ExecutionHandle<Numbers> handle = durable.start(NUMBERS, "x");
      untilItAsks(durable, handle.id());
      connection.setAutoCommit(false);
      var questions = durable.using(connection).questions();
      Map<String, Object> answer =
          Map.of(
              "whole",
              fits ? 1 : -1,
              "small",
              2,
              "large",
              3,
              "fraction",
              4.5,
              "single",
              5.5,
              "exact",
              new BigDecimal("6.25"),
              "huge",
              10);
      if (fits) {
        questions.answer(handle.id(), "ask", answer, "eve");
        connection.commit();
        assertThat(handle.result(SOON)).isEqualTo(GOOD);
      } else {
        assertThatThrownBy(() -> questions.answer(handle.id(), "ask", answer, "eve"))
            .isInstanceOf(InvalidAnswerException.class)
            .hasMessageContaining("whole must not be negative");
        connection.rollback();
      }
    }
  }

  /** A record with a range that its field has, too. */
  record Amount(int amount) {
    Amount {
      if (amount == 13) {
        throw new IllegalArgumentException("not 13");
      }
    }
  }
}
