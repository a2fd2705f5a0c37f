package dev.durable.internal.engine.run;

import dev.durable.internal.store.journal.RecordedUndo;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.NodePath;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * The effects of an execution's bodies whose rows say how they are undone, by path. Used by all
 * threads of a run.
 */
public final class UndoableEffects {

  private final NavigableSet<String> paths = new ConcurrentSkipListSet<>();
  private final NavigableSet<String> inputs = new ConcurrentSkipListSet<>();

  /** Counts a row that may be committed at any moment. */
  void offered(StepRow row) {
    if (row.undo() != null) {
      paths.add(row.path());
    }
  }

  /** Counts a row that is in the database. */
  void committed(String path, @Nullable RecordedUndo undo) {
    if (undo != null) {
      paths.add(path);
      if (undo.input() != null) {
        inputs.add(path);
      }
    }
  }

  /** Whether there are none, not even on their way. */
  public boolean isEmpty() {
    return paths.isEmpty();
  }

  /** Whether a node, item or round has some below it. */
  public boolean areBelow(String path) {
    return hasBelow(paths, path);
  }

  /** Whether a committed row says what the body at a path got. */
  public boolean haveInputOf(String body) {
    return hasBelow(inputs, body);
  }

  private static boolean hasBelow(NavigableSet<String> sorted, String path) {
    String first = sorted.ceiling(path + "/");
    return first != null && NodePath.isBelow(path, first);
  }
}
