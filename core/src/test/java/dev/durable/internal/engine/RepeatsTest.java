package dev.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.engine.step.Repeats;
import dev.durable.internal.transaction.RolledBackException.Reason;
import dev.durable.testing.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RepeatsTest {

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNREACHED")
  @Proves("F1.3")
  @DisplayName("Repeats that run user code without counting an attempt are limited")
  void isBounded(Reason reason) {
    assertThat(pauses(reason, 100)).hasSizeBetween(1, 20);
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F1.3")
  @DisplayName("The pauses between repeats grow")
  void grows(Reason reason) {
    List<Duration> pauses = pauses(reason, 20);
    assertThat(pauses.getFirst()).isGreaterThan(Duration.ZERO).isLessThan(Duration.ofSeconds(1));
    assertThat(pauses.getLast()).isGreaterThan(pauses.getFirst().multipliedBy(4));
    assertThat(pauses).allMatch(pause -> pause.compareTo(Duration.ofSeconds(30)) <= 0);
  }

  @Test
  @Proves("F1.3")
  @DisplayName("Repeats while no connection is available run no user code, and are not limited")
  void waitsForAConnection() {
    assertThat(pauses(Reason.UNREACHED, 1_000)).hasSize(1_000);
  }

  private static List<Duration> pauses(Reason reason, int times) {
    Repeats repeats = new Repeats();
    List<Duration> pauses = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      Duration pause = repeats.next(reason);
      if (pause == null) {
        break;
      }
      pauses.add(pause);
    }
    return pauses;
  }
}
