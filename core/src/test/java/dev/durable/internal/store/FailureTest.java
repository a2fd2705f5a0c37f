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
@DisplayName("The meaning of an SQL failure")
class FailureTest {

  private static PSQLException answer(String state, String constraint) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0VERROR\0C" + state + "\0Mno\0n" + constraint + "\0\0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"53100", "53200", "58030", "XX000", "42501", "P0001", "23505", "55P03"})
  @DisplayName("A session is used again after the server has refused a statement")
  void leavesTheConnection(String state) {
    assertThat(SqlFailure.leavesConnection(answer(state, "c"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"25006", "25P02", "0A000", "26000", "42P05", "57014", "57P01", "08006"})
  @DisplayName("A session that would keep failing, or may still answer, is not used again")
  void spoilsTheConnection(String state) {
    assertThat(SqlFailure.leavesConnection(answer(state, "c"))).isFalse();
  }

  @Test
  @DisplayName("Only the server's own errors are an answer, however they are wrapped")
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
  @DisplayName("A duplicate primary key of Durable's differs from a duplicate of the application's")
  void duplicates() {
    assertThat(SqlFailure.isDuplicate(answer("23505", "step_executions_pkey"))).isTrue();
    assertThat(SqlFailure.isDuplicate(answer("23505", "mine"))).isFalse();
    assertThat(SqlFailure.isDuplicate(answer("23503", "step_executions_pkey"))).isFalse();
    assertThat(SqlFailure.isDuplicate(new SQLException("x", "23505"))).isFalse();
  }

  @Test
  @Proves("F1.2")
  @DisplayName("A missing answer counts as the cost of the value if its cause was a timeout")
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
