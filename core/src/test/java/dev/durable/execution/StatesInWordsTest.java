package dev.durable.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("newest")
class StatesInWordsTest {

  @ParameterizedTest
  @EnumSource(ExecutionStatus.class)
  @DisplayName("A refused operation says 'already' only of what has ended")
  void refused(ExecutionStatus status) {
    String message =
        new ExecutionStateException(UUID.randomUUID(), "give up", status, "parked").getMessage();
    assertThat(message)
        .contains(": it is " + (status.isFinal() ? "already " : "") + status.text() + ".");
  }

  @Test
  @DisplayName("An error in words is one line, without the stack trace")
  void error() {
    assertThat(new ErrorInfo("Broken", "why", "pay", "at a.B.c\nat d.E.f"))
        .hasToString("ErrorInfo[type=Broken, message=why, step=pay]");
  }
}
