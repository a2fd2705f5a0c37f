package dev.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.History;
import dev.durable.internal.engine.run.OpenWaits;
import dev.durable.internal.store.client.MailboxStore.Signal;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.testing.Proves;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptTest {

  private final Attempt attempt = new Attempt("s", StepType.STEP, 1, null, false, null);
  private final History history = new History(List.of());

  @Test
  @Proves("F2.11")
  @DisplayName("An interrupt before the body has a thread is not lost")
  void anEarlyInterrupt() {
    attempt.interrupt();
    attempt.runsOn(Thread.currentThread());
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  @Proves("F2.3")
  @DisplayName("An end replaces a running row without waiting until that row is stored")
  void endsARowOnItsWay() {
    Attempt.Showing showing = Objects.requireNonNull(attempt.show(history));
    StepRow end = attempt.end(history, StepStatus.COMPLETED, "1", null);
    assertThat(end.opened()).isTrue();
    assertThat(end.seq()).isEqualTo(showing.row().seq());
    assertThat(attempt.isShown()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Proves("F2.3")
  @DisplayName("A second end takes the same place, and knows whether a running row was stored")
  void endsARowOfKnownFate(boolean stored) {
    Attempt.Showing showing = Objects.requireNonNull(attempt.show(history));
    StepRow end = attempt.end(history, StepStatus.COMPLETED, "1", null);
    showing.stored().complete(stored);
    assertThat(attempt.end(history, StepStatus.FAILED, null, "{}").seq()).isEqualTo(end.seq());
    assertThat(attempt.isOpened()).isEqualTo(stored);
  }

  @Test
  @Proves("F2.3")
  @DisplayName("After a refused running row a waiting body has no row to remove")
  void hidesARefusedRow() {
    Attempt.Showing showing = Objects.requireNonNull(attempt.show(history));
    showing.stored().complete(false);
    assertThat(attempt.hide()).isEmpty();
  }

  @Test
  @Proves("F2.11")
  @DisplayName("Signals are forgotten once they have been received and committed")
  void forgetsReceivedSignals() {
    OpenWaits waits = new OpenWaits(ClaimedHistory.NONE);
    for (long i = 0; i < 1_000; i++) {
      waits.deliver(List.of(new Signal(i, "event:" + i, "1")));
      assertThat(waits.take(null, false, List.of("event:" + i))).hasSize(1);
    }
    waits.deliver(List.of());
    assertThat(waits.remembered()).isZero();
  }

  @Test
  @Proves("F2.11")
  @DisplayName("An outdated answer from the database does not bring back a received signal")
  void anOlderAnswer() {
    OpenWaits waits = new OpenWaits(ClaimedHistory.NONE);
    List<Signal> sent = List.of(new Signal(1, "event:a", "1"));
    waits.deliver(sent);
    assertThat(waits.take(null, false, List.of("event:a"))).hasSize(1);
    waits.deliver(List.of());
    waits.deliver(sent);
    assertThat(waits.take(null, false, List.of("event:a"))).isEmpty();
  }

  @Test
  @DisplayName("An attempt shows its number, step and state in a debugger")
  void saysWhichOneItIs() {
    assertThat(attempt).hasToString("attempt 1 of 's' (open)");
    assertThat(attempt.takeAway()).isTrue();
    assertThat(attempt).hasToString("attempt 1 of 's' (taken away)");
  }
}
