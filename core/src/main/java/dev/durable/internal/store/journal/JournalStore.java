package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.TransactionFrame;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The writes of the hot path: sets of entries and starts, a few statements for each set, sent
 * together.
 */
public final class JournalStore {

  /**
   * Waits for the statement of a lost connection, if it is still running and has locked the
   * execution.
   */
  private static final StatementTemplate AWAIT_OTHERS =
      new StatementTemplate(
          "JournalStore.AWAIT_OTHERS",
          "select 1 from ${schema}.workflow_executions where id = ?::uuid for no key update");

  /** The end of an attempt may have replaced the row that showed it as running. */
  private static final StatementTemplate OUTCOME =
      new StatementTemplate(
          "JournalStore.OUTCOME",
          """
      select e.lock_token, e.locked_by is null,
             exists (select 1 from ${schema}.step_executions s
                     where s.workflow_id = e.id and s.seq = ?::int and s.attempt = ?::int
                       and ?::text in (s.status, 'running'))
      from ${schema}.workflow_executions e where e.id = ?::uuid
      """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(AWAIT_OTHERS, OUTCOME);

  /** Whether an entry whose commit was interrupted is in the database. */
  public enum Outcome {
    /** It is there. */
    COMMITTED,
    /** It is not there, and the owner may still write it. */
    ABSENT,
    /** The execution has another owner, or none. */
    FENCED
  }

  /** Starts and entries that are written in one transaction. */
  public static final class Batch {
    final List<StartRow> starts;
    final boolean again;
    final EntryBatch entries;
    final Map<UUID, StartResult> started = new HashMap<>();
    final Set<UUID> owned = new HashSet<>();
    final List<String> hints = new ArrayList<>();

    /**
     * @param starts new executions
     * @param again whether an earlier try of the starts may have been committed
     * @param entries the changes of owners
     */
    public Batch(List<StartRow> starts, boolean again, List<Entry> entries) {
      this.starts = starts;
      this.again = again;
      this.entries = new EntryBatch(entries);
    }

    /** A batch of starts. */
    public static Batch ofStarts(List<StartRow> starts) {
      return new Batch(starts, false, List.of());
    }

    /** A batch of entries. */
    public static Batch ofEntries(List<Entry> entries) {
      return new Batch(List.of(), false, entries);
    }

    /**
     * The result of a start, once the batch has been written; null if it was neither stored nor
     * found, because the execution that had its key has just been deleted.
     */
    public @Nullable StartResult started(StartRow row) {
      return started.get(row.id());
    }

    /** Whether the owner still owned its execution, and its entry has been written. */
    public boolean isWritten(Entry entry) {
      return owned.contains(entry.owner().id()) && entries.counts(entry.owner());
    }

    /** The hints to send after the commit. */
    public List<String> hints() {
      return hints;
    }
  }

  private final BatchStatements statements;
  private final EntryLockStatement locks;
  private final String awaitOthers;
  private final String outcome;

  /**
   * @param schema whose tables
   */
  public JournalStore(Schema schema) {
    this.statements = new BatchStatements(schema);
    this.locks = new EntryLockStatement(schema);
    this.awaitOthers = schema.of(AWAIT_OTHERS);
    this.outcome = schema.of(OUTCOME);
  }

  /** Writes a batch as one transaction in one round trip. */
  public void commit(Connection connection, TransactionFrame frame, Batch batch)
      throws SQLException {
    statements.add(new Pipeline(), batch).commit(connection, frame);
  }

  /** Writes a batch within a transaction that has begun. */
  public void within(Connection connection, Batch batch) throws SQLException {
    statements.add(new Pipeline(), batch).within(connection);
  }

  /**
   * Writes a batch behind the code of a user, in its transaction.
   *
   * @param limits of the engine's own, since that code may have set others; null for those of the
   *     session
   * @param time the database's time, since the transaction began before that code
   */
  public void behind(
      Connection connection, @Nullable TransactionFrame limits, Instant time, Batch batch)
      throws SQLException {
    Pipeline pipeline = new Pipeline().at(time);
    if (limits != null) {
      pipeline.add(limits.settings(), bind -> {});
    }
    statements.add(pipeline, batch).within(connection);
  }

  /**
   * Begins a transaction, and takes the locks for entries that are free.
   *
   * @return the owners whose entries need a lock that another session holds
   */
  public Set<Ownership> lockFree(Connection connection, TransactionFrame frame, List<Entry> rows)
      throws SQLException {
    Set<Ownership> locked = new HashSet<>();
    Pipeline pipeline = new Pipeline();
    locks.lockFree(pipeline, new EntryBatch(rows), locked);
    pipeline.begin(connection, frame);
    return locked;
  }

  /** Writes a batch, and commits the transaction that {@link #lockFree} has begun. */
  public void finish(Connection connection, Batch batch) throws SQLException {
    statements.add(new Pipeline(), batch).finish(connection);
  }

  /** Rolls back the transaction that {@link #lockFree} has begun. */
  public void abandon(Connection connection) throws SQLException {
    Pipeline.rollBack(connection);
  }

  /** Returns the outcome of an entry whose answer was lost. */
  public Outcome outcome(Connection connection, TransactionFrame frame, Entry entry)
      throws SQLException {
    AtomicReference<Outcome> answer = new AtomicReference<>(Outcome.FENCED);
    asking(entry, answer).commit(connection, frame);
    return answer.get();
  }

  /** The same within a transaction that has begun. */
  public Outcome outcomeWithin(Connection connection, Entry entry) throws SQLException {
    AtomicReference<Outcome> answer = new AtomicReference<>(Outcome.FENCED);
    asking(entry, answer).within(connection);
    return answer.get();
  }

  private Pipeline asking(Entry entry, AtomicReference<Outcome> answer) {
    StepRow step = entry.steps().isEmpty() ? null : entry.steps().getLast();
    return new Pipeline()
        .add(awaitOthers, bind -> bind.uuid(entry.owner().id()))
        .add(
            outcome,
            bind ->
                bind.number(step == null ? -1 : step.seq())
                    .number(step == null ? 0 : step.attempt())
                    .text(step == null ? "" : step.status().text())
                    .uuid(entry.owner().id()),
            row -> {
              if (row.next() && row.getLong(1) == entry.owner().token()) {
                boolean left = row.getBoolean(2);
                boolean written = step == null ? left : row.getBoolean(3);
                answer.set(written ? Outcome.COMMITTED : left ? Outcome.FENCED : Outcome.ABSENT);
              }
            });
  }
}
