package dev.durable.internal.engine.run;

import dev.durable.execution.StepStatus;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WaitChanges;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Changes that will be committed with the next entry of a strand.
 *
 * @param rows rows of history to add or to close
 * @param forgotten the places of rows of history that are no longer needed
 * @param waits changes of waits
 */
public record Uncommitted(List<StepRow> rows, List<Integer> forgotten, WaitChanges waits) {

  public static final Uncommitted NOTHING = new Uncommitted(List.of(), List.of(), WaitChanges.NONE);

  public Uncommitted {
    rows = List.copyOf(rows);
    forgotten = List.copyOf(forgotten);
  }

  public static Uncommitted of(List<StepRow> rows) {
    return rows.isEmpty() ? NOTHING : new Uncommitted(rows, List.of(), WaitChanges.NONE);
  }

  public static Uncommitted of(StepRow row, WaitChanges waits) {
    return new Uncommitted(List.of(row), List.of(), waits);
  }

  public boolean isEmpty() {
    return rows.isEmpty() && forgotten.isEmpty() && waits.isEmpty();
  }

  public Uncommitted and(Uncommitted more) {
    if (isEmpty() || more.isEmpty()) {
      return isEmpty() ? more : this;
    }
    return new Uncommitted(
        joined(rows, more.rows), joined(forgotten, more.forgotten), waits.and(more.waits));
  }

  /**
   * The same without waits: of a strand that was stopped, only facts are left. The outcome of a
   * wait goes with the row of the body that has ended with it.
   */
  Uncommitted withoutWaiting() {
    boolean rests =
        rows.stream().anyMatch(row -> row.type().isWait() && row.status() == StepStatus.WAITING);
    List<StepRow> facts =
        rows.stream()
            .filter(row -> row.status() != StepStatus.WAITING && !(rests && row.type().isWait()))
            .toList();
    return new Uncommitted(facts, forgotten, rests ? WaitChanges.NONE : waits);
  }

  /** All of these. */
  public static Uncommitted all(Collection<Uncommitted> parts) {
    return new Uncommitted(
        parts.stream().flatMap(part -> part.rows.stream()).toList(),
        parts.stream().flatMap(part -> part.forgotten.stream()).toList(),
        WaitChanges.all(parts.stream().map(Uncommitted::waits).toList()));
  }

  private static <T> List<T> joined(List<T> one, List<T> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }
}
