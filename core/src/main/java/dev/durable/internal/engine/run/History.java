package dev.durable.internal.engine.run;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.HistoryRow;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The committed history of an execution, as the next owner would read it, and beside it the rows
 * that are on their way to the database. Used by all threads of a run.
 */
public final class History {

  private final Map<String, String> results = new ConcurrentHashMap<>();
  private final Map<String, Integer> onTheirWay = new ConcurrentHashMap<>();
  private final BodyFacts facts = new BodyFacts();
  private final WorkflowTries tries = new WorkflowTries();
  private final NodeAttempts attempts = new NodeAttempts();
  private final SavedProgress progress = new SavedProgress();
  private final Rounds rounds = new Rounds();
  private final EntryTimes entries = new EntryTimes();
  private final UndoableEffects undoable = new UndoableEffects();
  private final AtomicInteger lastSeq = new AtomicInteger(-1);
  private volatile boolean resumed;

  public History(List<HistoryRow> rows) {
    this.resumed = !rows.isEmpty();
    for (int i = 0; i < rows.size(); i++) {
      HistoryRow recorded = rows.get(i);
      lastSeq.accumulateAndGet(recorded.row().seq(), Math::max);
      undoable.committed(recorded.row().path(), recorded.undo());
      tries.read(recorded);
      read(recorded, rows.subList(0, i));
    }
  }

  private void read(HistoryRow recorded, List<HistoryRow> before) {
    StepExecution row = recorded.row();
    if (row.type() == StepType.RETRY) {
      attempts.retried();
      facts.retried(row.seq(), before, results::containsKey);
      return;
    }
    entries.read(row);
    if (row.type() == StepType.PROGRESS) {
      progress.read(row);
      rounds.place(row.seq(), row.path());
      return;
    }
    facts.read(recorded);
    attempts.read(recorded);
    rounds.read(row, recorded.wakeIn());
    if (row.status() == StepStatus.COMPLETED) {
      put(row.type(), row.path(), row.output());
    }
  }

  /** A fact of a body is never the result of a node, even if it has the same name. */
  private void put(StepType type, String path, @Nullable String output) {
    if (!type.isWithinStep()) {
      results.put(path, output == null ? "null" : output);
    }
  }

  /** Whether there were rows before the present walk began. */
  public boolean isResumed() {
    return resumed;
  }

  /** From now on walks find rows: the committed nodes will be walked again. */
  public void resumes() {
    resumed = true;
  }

  /** The place of the next row. */
  public int nextSeq(String path) {
    int seq = lastSeq.incrementAndGet();
    rounds.place(seq, path);
    return seq;
  }

  /** The result of a node as JSON, or null. */
  public @Nullable String result(String path) {
    return results.get(path);
  }

  /** The paths of nodes that have results. */
  public Set<String> completed() {
    return results.keySet();
  }

  /** Remembers rows that may be committed at any moment: they do not count yet. */
  public void offered(List<StepRow> rows) {
    for (StepRow row : rows) {
      undoable.offered(row);
      if (row.status() == StepStatus.COMPLETED) {
        onTheirWay.merge(row.path(), 1, Integer::sum);
      }
    }
  }

  /**
   * Counts rows whose fate is known, or drops them.
   *
   * @param committed whether they are in the database
   */
  public void decided(List<StepRow> rows, boolean committed) {
    for (StepRow row : rows) {
      if (committed) {
        committed(row);
      }
      if (row.status() == StepStatus.COMPLETED) {
        onTheirWay.computeIfPresent(row.path(), (path, n) -> n == 1 ? null : n - 1);
      }
    }
  }

  /** Counts a row that is in the database: the next owner would read it. */
  private void committed(StepRow row) {
    if (row.type() == StepType.PROGRESS) {
      progress.committed(row);
      return;
    }
    rounds.committed(row);
    undoable.committed(row.path(), row.undo());
    if (row.status() == StepStatus.COMPLETED) {
      put(row.type(), row.path(), row.output());
    }
    facts.committed(row);
    attempts.committed(row);
  }

  /** Counts a result that was committed without the journal. */
  public void completed(String path, String json) {
    results.put(path, json);
  }

  /** Remembers a result that may be committed at any moment, without the journal. */
  void mayComplete(String path) {
    onTheirWay.merge(path, 1, Integer::sum);
  }

  /** The paths whose results are about to be committed. */
  public Set<String> onTheirWay() {
    return onTheirWay.keySet();
  }

  /** The times at which nodes were entered that are entered more than once. */
  public EntryTimes entries() {
    return entries;
  }

  /** The facts of bodies. */
  public BodyFacts facts() {
    return facts;
  }

  /** The progress that bodies have saved. */
  public SavedProgress progress() {
    return progress;
  }

  /** The attempts of nodes. */
  public NodeAttempts attempts() {
    return attempts;
  }

  /** The tries of the whole workflow. */
  public WorkflowTries tries() {
    return tries;
  }

  /** The effects that bodies have said how to undo. */
  public UndoableEffects undoable() {
    return undoable;
  }

  /** The rounds of repeats. */
  public Rounds rounds() {
    return rounds;
  }

  /** Forgets the rows below a path, except some; the places of the forgotten ones. */
  public List<Integer> forget(String round, Predicate<String> kept) {
    return rounds.forget(
        round,
        kept,
        path -> {
          results.remove(path);
          facts.forget(path);
          progress.forget(path);
          attempts.forget(path);
        });
  }
}
