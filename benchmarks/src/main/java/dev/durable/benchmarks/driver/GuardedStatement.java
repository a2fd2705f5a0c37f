package dev.durable.benchmarks.driver;

import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TransactionFrame;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.ExecutionLinks;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.JournalStore.Batch;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.journal.WaitChanges;
import dev.durable.internal.store.journal.WakeCondition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes a batch with the statements of the engine, which lock the owner's rows and report the
 * entries of executions that it still owns.
 */
final class GuardedStatement implements BatchStatement {

  private static final String JOIN =
      """
      insert into durable.workers
        (id, name, queues, definitions, lease, started_at, heartbeat_at)
      values (?, 'bench', '[]', '[]', interval '1 day', now(), now())
      """;

  private static final TransactionFrame FRAME =
      TransactionFrame.of(Duration.ofSeconds(5), Duration.ofMillis(300)).repeated();

  private final Connection connection;
  private final JournalStore journal = new JournalStore(new Schema("durable"));
  private final UUID worker = Ids.next();

  GuardedStatement(Connection connection) throws SQLException {
    this.connection = connection;
    try (PreparedStatement join = connection.prepareStatement(JOIN)) {
      join.setObject(1, worker);
      join.executeUpdate();
    }
  }

  @Override
  public void write(List<Row> batch) throws SQLException {
    List<StartRow> starts = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    for (Row row : batch) {
      switch (row) {
        case Row.Start start -> starts.add(start(start));
        case Row.Step step -> entries.add(entry(step));
      }
    }
    Batch written = new Batch(starts, false, entries);
    journal.commit(connection, FRAME, written);
    long lost = entries.stream().filter(entry -> !written.isWritten(entry)).count();
    if (lost > 0) {
      throw new SQLException(lost + " of " + entries.size() + " entries were not written");
    }
  }

  private StartRow start(Row.Start start) {
    return new StartRow(
        start.id(),
        new StartRow.Definition("bench", 1, FINGERPRINT),
        StartRow.KeyUse.NONE,
        StartRow.Turn.now("default", 0),
        start.input(),
        Map.of(),
        StartRow.Limit.NONE,
        null,
        worker);
  }

  private static Entry entry(Row.Step step) {
    StepRow row =
        new StepRow(
            step.seq(),
            "step-" + step.seq(),
            StepType.STEP,
            1,
            StepStatus.COMPLETED,
            step.output(),
            null,
            Duration.ZERO,
            false);
    Transition end =
        step.last()
            ? new Transition(
                ExecutionStatus.COMPLETED, step.output(), null, null, WakeCondition.NEVER)
            : null;
    return new Entry(
        new Ownership(step.id(), 1),
        List.of(row),
        List.of(),
        WaitChanges.NONE,
        end,
        ExecutionLinks.NONE);
  }

  @Override
  public void close() {
    // The driver prepares and keeps the engine's statements; they go with the connection.
  }
}
