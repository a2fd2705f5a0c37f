package dev.durable.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.durable.testing.Proves;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutionQueryTest {

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1_001})
  void aPageHasBetweenOneAndAThousandRows(int limit) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExecutionQuery.of(q -> q.limit(limit)))
        .withMessageContaining(String.valueOf(limit));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "%",
        "0190_",
        "0190-",
        "0190163d8",
        "0190163d-8694-739b-aea5-966c26f8ad911"
      })
  void onlyTheBeginningOfAnIdIsAPrefix(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExecutionQuery.of(q -> q.idPrefix(prefix)))
        .withMessageContaining("beginning of a UUID");
  }

  @Test
  @Proves("R-272")
  @DisplayName("An id prefix may be written in capitals")
  void capitalsInAnIdPrefixAreAccepted() {
    assertThat(ExecutionQuery.of(q -> q.idPrefix("0190ABCD")).idPrefix()).isEqualTo("0190abcd");
  }

  @ParameterizedTest
  @EnumSource(ExecutionStatus.class)
  void aStatusIsFoundByItsText(ExecutionStatus status) {
    assertThat(ExecutionStatus.of(status.text())).isEqualTo(status);
    assertThat(status.text()).isEqualTo(status.name().toLowerCase(Locale.ROOT));
  }

  @Test
  void anUnknownStatusIsRefusedWithAllKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExecutionStatus.of("done"))
        .satisfies(
            failure -> {
              for (ExecutionStatus status : ExecutionStatus.values()) {
                assertThat(failure).hasMessageContaining(status.text());
              }
            });
  }

  @Test
  void whatHasEndedIsFinal() {
    assertThat(ExecutionStatus.values())
        .filteredOn(ExecutionStatus::isFinal)
        .containsExactly(
            ExecutionStatus.COMPLETED,
            ExecutionStatus.FAILED,
            ExecutionStatus.CANCELLED,
            ExecutionStatus.COMPENSATED,
            ExecutionStatus.COMPENSATION_FAILED);
  }
}
