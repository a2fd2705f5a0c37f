package dev.durable.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.cli.demo.Ledger.Event;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The audit must be able to find a broken promise. */
class AuditTest {

  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private static final StepKey CHARGE = new StepKey(new UUID(1, 1), "charge");
  private static final Audit.Before NOTHING = new Audit.Before(Map.of(), 0);

  @Test
  void aBodyThatRanOnceIsFine() {
    Audit audit = audit(NOTHING, line(0, Event.BEGIN), line(1, Event.END));

    assertThat(audit).isEqualTo(new Audit(0, 0));
  }

  @Test
  void aFailedAttemptExplainsTheNextOne() {
    Audit audit =
        audit(
            NOTHING,
            line(0, Event.BEGIN),
            line(1, Event.FAIL),
            line(2, Event.BEGIN),
            line(3, Event.END));

    assertThat(audit).isEqualTo(new Audit(0, 0));
  }

  @Test
  void aBodyCutOffByACrashRanTwice() {
    Audit audit = audit(NOTHING, line(0, Event.BEGIN), line(5, Event.BEGIN), line(6, Event.END));

    assertThat(audit).isEqualTo(new Audit(1, 0));
  }

  @Test
  void aBodyThatBeganAfterItsResultWasCommittedIsFound() {
    Audit audit =
        audit(
            NOTHING,
            line(0, Event.BEGIN),
            line(1, Event.END),
            line(11, Event.BEGIN),
            line(12, Event.END));

    assertThat(audit).isEqualTo(new Audit(1, 1));
  }

  @Test
  void aRepeatIsFoundEvenIfTheRowWasOverwritten() {
    Audit.Before before = new Audit.Before(Map.of(CHARGE, T0.plusSeconds(1)), 2);

    Audit audit =
        audit(
            before,
            line(0, Event.BEGIN),
            line(1, Event.END),
            line(5, Event.BEGIN),
            line(6, Event.END));

    assertThat(audit).isEqualTo(new Audit(1, 1));
  }

  /** Against a database that committed the step ten seconds after T0. */
  private static Audit audit(Audit.Before before, Ledger.Line... lines) {
    return Audit.of(List.of(lines), before, history());
  }

  private static Ledger.Line line(int second, Event event) {
    return new Ledger.Line(T0.plusSeconds(second), 1, event, CHARGE, 1);
  }

  private static RunHistory history() {
    StepExecution step =
        new StepExecution(
            CHARGE.execution(),
            1,
            "charge",
            "charge",
            StepType.STEP,
            1,
            StepStatus.COMPLETED,
            "{}",
            null,
            T0,
            T0.plusSeconds(10),
            null,
            null,
            null);
    Execution execution =
        new Execution(
            CHARGE.execution(),
            "process_order",
            1,
            null,
            "run-1/O-1",
            null,
            ExecutionStatus.COMPLETED,
            "orders",
            0,
            "{}",
            "{}",
            null,
            null,
            Map.of(),
            null,
            1,
            0,
            null,
            null,
            null,
            T0,
            T0,
            null,
            List.of(),
            null,
            null,
            null,
            null,
            T0,
            T0);
    return new RunHistory(List.of(execution), List.of(step));
  }
}
