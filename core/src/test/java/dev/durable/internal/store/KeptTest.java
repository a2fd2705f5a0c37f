package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.ExecutionLinks;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WaitChanges;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.store.worker.KeptHistory;
import dev.durable.testing.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Proves("F12.1")
@DisplayName("The history that a worker keeps, and the rows that its next claim reads")
@Tag("newest")
class KeptTest {

  private static final UUID ID = new UUID(1, 2);
  private static final Ownership OWNER = new Ownership(ID, 7);
  private static final long READ_AT = 1_000;

  private static HistoryRow row(int seq, StepStatus status, Duration wakeIn, String... signals) {
    StepExecution row =
        new StepExecution(
            ID,
            seq,
            "p" + seq,
            "p" + seq,
            StepType.WAIT,
            1,
            status,
            null,
            null,
            Instant.EPOCH,
            null,
            null,
            null,
            null);
    return new HistoryRow(row, wakeIn, Duration.ZERO, List.of(signals), false);
  }

  private static HistoryRow done(int seq) {
    return row(seq, StepStatus.COMPLETED, null);
  }

  private static KeptHistory kept(HistoryRow... rows) {
    return new KeptHistory(OWNER.token(), new ClaimedHistory(List.of(rows), List.of(), READ_AT));
  }

  private static Entry writes(List<Integer> seqs, List<Integer> forgotten, WaitChanges waits) {
    List<StepRow> rows =
        seqs.stream()
            .map(
                seq ->
                    new StepRow(
                        seq,
                        "p" + seq,
                        StepType.WAIT,
                        1,
                        StepStatus.COMPLETED,
                        null,
                        null,
                        Duration.ZERO,
                        true))
            .toList();
    return new Entry(OWNER, rows, forgotten, waits, null, ExecutionLinks.NONE);
  }

  private static List<Integer> places(KeptHistory kept, Duration later) {
    return kept.unknown(ID, READ_AT + later.toNanos()).stream()
        .flatMap(
            span ->
                span.to() == Integer.MAX_VALUE
                    ? Stream.of(-span.from())
                    : IntStream.rangeClosed(span.from(), span.to()).boxed())
        .sorted()
        .toList();
  }

  @Test
  @DisplayName("Only the next claim of the execution may use the kept history")
  void fitsTheNextTokenOnly() {
    KeptHistory kept = kept(done(0));
    assertThat(kept.isBefore(new Ownership(ID, 8))).isTrue();
    assertThat(kept.isBefore(new Ownership(ID, 9))).isFalse();
    assertThat(kept.isBefore(OWNER)).isFalse();
  }

  @Test
  @DisplayName("Rows that the run has tried to write, and all later ones, are read again")
  void readsWhatWasWritten() {
    KeptHistory kept = kept(done(0), row(1, StepStatus.WAITING, null, "event:a"), done(2));
    kept.changes(
        writes(
            List.of(1, 3),
            List.of(),
            WaitChanges.open(new WaitChanges.Opened(0, "p0", false, List.of("event:b"), true))));
    assertThat(places(kept, Duration.ZERO)).containsExactly(-3, 0, 1);
    List<HistoryRow> all =
        Objects.requireNonNull(kept.with(List.of(done(0), done(1), done(3)), READ_AT));
    assertThat(all).extracting(each -> each.row().seq()).containsExactly(0, 1, 2, 3);
    assertThat(all.get(1).row().status()).isEqualTo(StepStatus.COMPLETED);
  }

  @Test
  @DisplayName("Rows that the run has removed, or written in vain, are not part of the history")
  void forgets() {
    KeptHistory kept = kept(done(0), done(1), done(2));
    kept.changes(writes(List.of(2), List.of(1), WaitChanges.NONE));
    assertThat(Objects.requireNonNull(kept.with(List.of(), READ_AT)))
        .extracting(each -> each.row().seq())
        .containsExactly(0);
  }

  @Test
  @DisplayName("Rows that are due by the worker's clock are read again, as is the next due one")
  void readsWhatMayBeDue() {
    HistoryRow soon = row(0, StepStatus.WAITING, Duration.ofSeconds(10));
    HistoryRow later = row(1, StepStatus.WAITING, Duration.ofSeconds(20));
    HistoryRow over = row(2, StepStatus.FAILED, Duration.ofSeconds(-1));
    KeptHistory kept = kept(soon, later, over);
    assertThat(places(kept, Duration.ofSeconds(5))).containsExactly(-3, 0);
    assertThat(places(kept, Duration.ofSeconds(30))).containsExactly(-3, 0, 1);
    List<HistoryRow> all =
        Objects.requireNonNull(
            kept.with(
                List.of(row(0, StepStatus.WAITING, Duration.ofSeconds(5))),
                READ_AT + Duration.ofSeconds(5).toNanos()));
    assertThat(all.get(1).wakeIn()).isEqualTo(Duration.ofSeconds(15));
    assertThat(all.get(2).row()).isEqualTo(over.row());
    assertThat(all.get(2).wakeIn()).isNegative();
    assertThat(all.get(2).age()).as("a failed row grows older").isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  @DisplayName("A kept history whose times differ from the database's is not used")
  void doubtsMovedTimes() {
    KeptHistory kept = kept(row(0, StepStatus.WAITING, Duration.ofHours(1)));
    assertThat(kept.with(List.of(row(0, StepStatus.WAITING, Duration.ofMinutes(1))), READ_AT))
        .isNull();
    assertThat(kept.with(List.of(), READ_AT)).isNull();
    assertThat(kept.with(List.of(row(0, StepStatus.WAITING, Duration.ofHours(1))), READ_AT))
        .hasSize(1);
  }
}
