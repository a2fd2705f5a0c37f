package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.testing.Proves;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

@Proves("F1")
@DisplayName("What a failure means")
class FailureTest {

  private static PSQLException answer(String state, String constraint) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0VERROR\0C" + state + "\0Mno\0n" + constraint + "\0\0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"53100", "53200", "58030", "XX000", "42501", "P0001", "23505", "55P03"})
  @DisplayName("A session in which the server has refused a statement is used again")
  void leavesTheConnection(String state) {
    assertThat(SqlFailure.leavesConnection(answer(state, "c"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"25006", "25P02", "0A000", "26000", "42P05", "57014", "57P01", "08006"})
  @DisplayName("One that would fail again and again, or that may still answer, is not")
  void spoilsTheConnection(String state) {
    assertThat(SqlFailure.leavesConnection(answer(state, "c"))).isFalse();
  }

  @Test
  @DisplayName("Only the server's own words are an answer, whatever they are wrapped in")
  void answers() {
    assertThat(SqlFailure.isAnswer(answer("53200", "c"))).isTrue();
    assertThat(SqlFailure.isAnswer(new RuntimeException(new SQLException(answer("40001", "c")))))
        .isTrue();
    assertThat(SqlFailure.isAnswer(new SQLException("of a pool", "53200"))).isFalse();
    assertThat(SqlFailure.isAnswer(new PSQLException("of the driver", PSQLState.OUT_OF_MEMORY)))
        .isFalse();
    assertThat(SqlFailure.isAnswer(new OutOfMemoryError())).isFalse();
  }

  @Test
  @DisplayName("A primary key that is there is told from a key of the application's")
  void duplicates() {
    assertThat(SqlFailure.isDuplicate(answer("23505", "step_executions_pkey"))).isTrue();
    assertThat(SqlFailure.isDuplicate(answer("23505", "mine"))).isFalse();
    assertThat(SqlFailure.isDuplicate(answer("23503", "step_executions_pkey"))).isFalse();
    assertThat(SqlFailure.isDuplicate(new SQLException("x", "23505"))).isFalse();
  }

  @Test
  @Proves("F1.2")
  @DisplayName("What a missing answer was lost for is what may be the value's own cost")
  void costsBehindAMissingAnswer() {
    SQLException slow =
        new PSQLException("slow", PSQLState.CONNECTION_FAILURE, new SocketTimeoutException());
    SQLException missing = new SQLException("missing", SqlFailure.UNREAD, slow);
    assertThat(SqlFailure.mayBeCost(SqlFailure.original(missing))).isTrue();
    assertThat(SqlFailure.original(slow)).isSameAs(slow);
    assertThat(SqlFailure.of(missing)).isEqualTo(SqlFailure.UNKNOWN);
    SQLException cut =
        new PSQLException("cut", PSQLState.CONNECTION_FAILURE, new IOException("reset"));
    assertThat(SqlFailure.mayBeCost(cut)).isFalse();
  }
}
