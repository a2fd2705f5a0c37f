package dev.durable.internal.store.journal;

import dev.durable.execution.StepStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Entries that are written together, sorted into the parts of which each has a statement. Each part
 * carries the token under which its owner writes; of several for one execution only the newest
 * counts.
 */
final class EntryBatch {

  private final NewestOwners newest;
  private final List<Ownership> owners;
  private final List<Owned<StepRow>> added = new ArrayList<>();
  private final Map<Place, Owned<StepRow>> closed = new LinkedHashMap<>();
  private final List<Owned<Integer>> forgotten = new ArrayList<>();
  private final List<Owned<Transition>> moves = new ArrayList<>();
  private final List<Ownership> ended = new ArrayList<>();
  private final List<Ownership> silenced = new ArrayList<>();
  private final List<Ownership> parents = new ArrayList<>();
  private final List<ChildRow> unwanted = new ArrayList<>();
  private final List<ChildRow> revived = new ArrayList<>();
  private final List<Entry> changing = new ArrayList<>();

  /** A part of an entry, and whose it is. */
  record Owned<T>(Ownership owner, T part) {
    UUID id() {
      return owner.id();
    }

    long token() {
      return owner.token();
    }
  }

  private record Place(Ownership owner, int seq) {}

  EntryBatch(List<Entry> rows) {
    newest = NewestOwners.of(rows);
    owners = newest.inLockOrder();
    for (Entry row : rows) {
      if (counts(row.owner())) {
        add(row);
      }
    }
  }

  /** Whether an owner is the newest of its execution, so that its entries are written. */
  boolean counts(Ownership owner) {
    return newest.contains(owner);
  }

  /**
   * One statement changes a row once: the last of several changes counts, except a start that comes
   * after its end.
   */
  private static Owned<StepRow> last(Owned<StepRow> one, Owned<StepRow> other) {
    return other.part().status() == StepStatus.RUNNING ? one : other;
  }

  private void add(Entry row) {
    Ownership owner = row.owner();
    for (StepRow step : row.steps()) {
      Owned<StepRow> owned = new Owned<>(owner, step);
      if (step.opened()) {
        closed.merge(new Place(owner, step.seq()), owned, EntryBatch::last);
      } else {
        added.add(owned);
      }
    }
    row.forgotten().forEach(seq -> forgotten.add(new Owned<>(owner, seq)));
    row.waits()
        .of(WaitChanges.Unwanted.class)
        .forEach(each -> unwanted.add(new ChildRow(each.child(), owner, each.always())));
    row.waits()
        .of(WaitChanges.Revived.class)
        .forEach(each -> revived.add(new ChildRow(each.child(), owner, true)));
    if (!row.waits().isEmpty()) {
      changing.add(row);
    }
    Transition transition = row.transition();
    if (transition != null) {
      move(owner, transition, row.links());
    }
  }

  private void move(Ownership owner, Transition transition, ExecutionLinks links) {
    moves.add(new Owned<>(owner, transition));
    if (transition.status().isFinal() && links.hasParent()) {
      ended.add(owner);
    }
    if (transition.endsWaits() && links.hasWaits()) {
      silenced.add(owner);
    }
    if (transition.endsChildren() && links.hasChildren()) {
      parents.add(owner);
    }
  }

  /**
   * Whether a separate statement locks the rows, so that the next statements see what others
   * committed meanwhile. That is needed if a signal that is being sent at this moment matters, or
   * if no rows of history are added: the statement that adds them also locks, and reports the
   * current owners.
   */
  boolean locksFirst() {
    return !changing.isEmpty()
        || !ended.isEmpty()
        || !forgotten.isEmpty()
        || !unwanted.isEmpty()
        || (!moves.isEmpty() && added.isEmpty() && closed.isEmpty())
        || moves.stream().anyMatch(move -> listens(move.part()));
  }

  private static boolean listens(Transition transition) {
    return transition.wake().signals() || transition.wake().at() != null;
  }

  /** The owners whose rows are written, in the order in which they are locked. */
  List<Ownership> owners() {
    return owners;
  }

  /** New rows of history. */
  List<Owned<StepRow>> added() {
    return added;
  }

  /** Rows of history that take the place of earlier ones. */
  List<Owned<StepRow>> closed() {
    return List.copyOf(closed.values());
  }

  /** The places of rows of history that are no longer needed. */
  List<Owned<Integer>> forgotten() {
    return forgotten;
  }

  /** How executions leave their owners. */
  List<Owned<Transition>> moves() {
    return moves;
  }

  /** The entries that change waits. */
  List<Entry> changing() {
    return changing;
  }

  /** Executions with a parent that end. */
  List<Ownership> ended() {
    return ended;
  }

  /** Executions whose waits end. */
  List<Ownership> silenced() {
    return silenced;
  }

  /** Executions whose end is also that of their children. */
  List<Ownership> parents() {
    return parents;
  }

  /** Children that are no longer needed. */
  List<ChildRow> unwanted() {
    return unwanted;
  }

  /** Children that are called again. */
  List<ChildRow> revived() {
    return revived;
  }
}
