package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonFields;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of an execution that another definition must still have, by path: completed ones, and
 * those whose body has committed a fact.
 */
final class CommittedWork {

  private final NavigableMap<String, Fact> facts = new TreeMap<>();
  private final Set<String> reached = new HashSet<>();

  /** The progress of a node. */
  enum State {
    /** Its body has committed a fact; or it may have run, and is never begun twice. */
    BEGUN("has begun"),
    /** A wait of its body is open. */
    WAITS("waits"),
    /** The node has a result. */
    COMPLETED("has completed");

    private final String text;

    State(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /**
   * The committed work of a node.
   *
   * @param path the node's, in the execution
   * @param state its progress
   * @param row the row of its result, or of a fact of its body
   */
  record Fact(String path, State state, StepExecution row) {

    boolean isCompleted() {
      return state == State.COMPLETED;
    }

    /** The path without the mark of a list. */
    String node() {
      return NodePath.withoutItems(path);
    }

    /**
     * The fact of a later row, unless it shows less. Of a repeat the last row counts the rounds.
     */
    private Fact or(Fact later) {
      int more = state.compareTo(later.state);
      return more > 0 || (more == 0 && later.row.type() != StepType.REPEAT) ? this : later;
    }
  }

  /**
   * @param before the shape of the definition of then; null if it is unknown
   */
  CommittedWork(@Nullable Shape before, List<HistoryRow> rows) {
    for (HistoryRow recorded : rows) {
      StepExecution row = recorded.row();
      State state = state(row, before);
      if (state != null) {
        String path = row.type().isWithinStep() ? step(row.path(), before) : row.path();
        facts.merge(path, new Fact(path, state, row), Fact::or);
      }
    }
  }

  /** The step whose body, or a branch of it, made a call. */
  private static String step(String call, @Nullable Shape before) {
    if (before != null) {
      for (String above : NodePath.allAbove(call).reversed()) {
        if (before.at(above) != null) {
          return above;
        }
      }
    }
    return NodePath.step(call);
  }

  /** The progress that a row shows; null if the node need not last. */
  private static @Nullable State state(StepExecution row, @Nullable Shape before) {
    boolean waits = row.status() == StepStatus.WAITING;
    boolean completed = row.status() == StepStatus.COMPLETED;
    return switch (row.type()) {
      // Rounds are over also where the repeat has reached its limit, or was left by a jump.
      case REPEAT -> State.COMPLETED;
      case STEP, TRANSACTION, DECISION, BRANCH, PARALLEL, FOR_EACH ->
          completed || waits ? State.COMPLETED : mayHaveRun(row, before) ? State.BEGUN : null;
      case EFFECT, PROGRESS -> completed ? State.BEGUN : null;
      case WAIT, CHILD -> waits ? State.WAITS : completed ? State.BEGUN : null;
      case COMPENSATION, RETRY -> null;
    };
  }

  /** Whether a row is of a body that is never begun twice, and whose end is unknown. */
  private static boolean mayHaveRun(StepExecution row, @Nullable Shape before) {
    ErrorInfo error = row.error();
    boolean lost =
        row.status() == StepStatus.RUNNING
            || (error != null && error.type().equals(ErrorInfo.WORKER_LOST));
    Shape.Part part = before == null ? null : before.at(row.path());
    return lost && row.type() == StepType.STEP && (part == null || part.atMostOnce());
  }

  Collection<Fact> all() {
    return facts.values();
  }

  /** The row of a node's result, or null. */
  @Nullable StepExecution completed(String path) {
    Fact fact = facts.get(path);
    return fact != null && fact.isCompleted() ? fact.row() : null;
  }

  // ---- reached by a walk ----

  /** A walk has come to this path. */
  void reach(String path) {
    reached.add(path);
  }

  /** A walk has come to all nodes below this path. */
  void reachBelow(String path) {
    for (String each : facts.tailMap(path).keySet()) {
      if (!each.startsWith(path)) {
        break;
      }
      if (NodePath.isBelow(path, each)) {
        reached.add(each);
      }
    }
  }

  /** The facts that no walk has come to. */
  List<Fact> unreached() {
    List<Fact> unreached = new ArrayList<>(facts.values());
    unreached.removeIf(fact -> reached.contains(fact.path));
    return unreached;
  }

  /** The first fact at a path or below it, or null. */
  @Nullable Fact firstWithin(String path) {
    for (Fact fact : facts.tailMap(path).values()) {
      if (!fact.path.startsWith(path)) {
        return null;
      }
      if (NodePath.isWithin(path, fact.path)) {
        return fact;
      }
    }
    return null;
  }

  /** The items or rounds below a path that have facts. */
  Iterable<String> items(String parent) {
    TreeSet<String> items = new TreeSet<>();
    NodePath above = new NodePath(parent);
    StepExecution list = completed(above.items().text());
    int size =
        list == null || list.output() == null ? 0 : JsonFields.splitList(list.output()).size();
    for (int index = 0; index < size; index++) {
      items.add(above.part(index).text());
    }
    for (String path : facts.tailMap(parent).keySet()) {
      if (!path.startsWith(parent)) {
        break;
      }
      String item = NodePath.part(parent, path);
      if (!item.isEmpty()) {
        items.add(item);
      }
    }
    return items;
  }
}
