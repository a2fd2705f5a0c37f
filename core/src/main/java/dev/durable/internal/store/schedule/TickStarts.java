package dev.durable.internal.store.schedule;

import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/** Starts the executions of ticks, within a transaction that has begun. */
final class TickStarts {

  private final JournalStore journal;

  TickStarts(Schema schema) {
    this.journal = new JournalStore(schema);
  }

  /**
   * Starts executions, and leaves out the ticks that have one.
   *
   * @param hints gets the hints to send after the commit
   * @return those that were started, in their order
   */
  List<StartRow> start(Connection connection, List<StartRow> starts, Collection<String> hints)
      throws SQLException {
    if (starts.isEmpty()) {
      return List.of();
    }
    JournalStore.Batch batch = JournalStore.Batch.ofStarts(starts);
    journal.within(connection, batch);
    hints.addAll(batch.hints());
    return starts.stream()
        .filter(
            row -> {
              StartResult result = batch.started(row);
              return result != null && result.added();
            })
        .toList();
  }
}
