package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import java.util.List;

/** The statements of a batch, in the order in which they are sent. */
final class BatchStatements {

  private final EntryLockStatement locks;
  private final StartStatement starts;
  private final WaitStatement waits;
  private final ChildStartStatement births;
  private final EntryStatement entries;
  private final TransitionStatement transitions;
  private final ChildCancelStatement children;
  private final RevivalStatement revival;
  private final ParentReportStatement parents;

  BatchStatements(Schema schema) {
    this.locks = new EntryLockStatement(schema);
    this.starts = new StartStatement(schema);
    this.waits = new WaitStatement(schema);
    this.births = new ChildStartStatement(schema);
    this.entries = new EntryStatement(schema);
    this.transitions = new TransitionStatement(schema);
    this.children = new ChildCancelStatement(schema);
    this.revival = new RevivalStatement(schema);
    this.parents = new ParentReportStatement(schema);
  }

  /** Adds all that the batch needs. */
  Pipeline add(Pipeline pipeline, JournalStore.Batch batch) {
    EntryBatch rows = batch.entries;
    if (rows.locksFirst()) {
      locks.lock(pipeline, rows, batch.owned);
    }
    if (!batch.starts.isEmpty()) {
      starts.write(pipeline, batch.starts, batch.again, batch.started, batch.hints);
    }
    waits.change(pipeline, rows.changing());
    births.bear(pipeline, rows.changing(), batch.hints);
    entries.write(pipeline, rows, batch.owned);
    transitions.move(pipeline, rows, batch.owned, batch.hints);
    waits.end(pipeline, rows.silenced());
    if (!rows.parents().isEmpty() || !rows.unwanted().isEmpty()) {
      children.cancel(pipeline, EndedRow.of(rows.parents()), rows.unwanted(), batch.hints);
    }
    if (!rows.revived().isEmpty()) {
      revival.revive(pipeline, rows.revived(), batch.hints);
    }
    List<EndedRow> ended = EndedRow.of(rows);
    if (!ended.isEmpty()) {
      parents.report(pipeline, ended, batch.hints);
    }
    return pipeline;
  }
}
