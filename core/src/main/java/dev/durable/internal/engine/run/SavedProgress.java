package dev.durable.internal.engine.run;

import dev.durable.execution.StepExecution;
import dev.durable.internal.store.journal.StepRow;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The progress that bodies have saved: one row for each body, which each value replaces. Used by
 * all threads of a run.
 */
public final class SavedProgress {

  private final Map<String, Saved> rows = new ConcurrentHashMap<>();

  /**
   * A row of progress.
   *
   * @param seq its place
   * @param number how many values there have been
   * @param json the last one, as JSON
   */
  public record Saved(int seq, int number, String json) {}

  /** Reads a row of an earlier stay. */
  void read(StepExecution row) {
    put(row.path(), row.seq(), row.attempt(), row.output());
  }

  /** Counts a row that is in the database. */
  void committed(StepRow row) {
    put(row.path(), row.seq(), row.attempt(), row.output());
  }

  private void put(String path, int seq, int number, @Nullable String json) {
    rows.put(path, new Saved(seq, number, json == null ? "null" : json));
  }

  /** The row at a path, or null. */
  public @Nullable Saved at(String path) {
    return rows.get(path);
  }

  /** Forgets the row at a path. */
  void forget(String path) {
    rows.remove(path);
  }
}
