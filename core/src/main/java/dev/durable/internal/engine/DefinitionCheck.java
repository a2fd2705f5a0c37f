package dev.durable.internal.engine;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.Recorded;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether an execution that was begun with another definition can go on with this one: what it has
 * committed must still be there, of the same kind, and a walk must come by all of it before it
 * comes to anything that is still to be done.
 */
final class DefinitionCheck {

  private static final String ITEMS = "[*]";

  private final Workflow<?, ?> workflow;
  private final NavigableMap<String, StepExecution> completed = new TreeMap<>();
  private final List<String> waiting = new ArrayList<>();

  private DefinitionCheck(Workflow<?, ?> workflow, List<Recorded> rows) {
    this.workflow = workflow;
    for (Recorded recorded : rows) {
      StepExecution row = recorded.row();
      boolean stands = row.status() == StepStatus.COMPLETED || row.status() == StepStatus.WAITING;
      if (stands && kindOf(row) != null) {
        completed.put(row.path(), row);
      }
      if (row.type().isWait()
          && row.status() == StepStatus.WAITING
          && !NextReminder.isOne(row.path())) {
        waiting.add(row.path().substring(0, row.path().lastIndexOf('/')));
      }
    }
  }

  /** The definition does not fit; the message says where. */
  private static final class Difference extends Exception {
    private static final long serialVersionUID = 1L;

    Difference(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * How far a walk over what is committed comes.
   *
   * @param complete whether it passes the whole node
   * @param jump where a decision sends it, outside the node; or null
   */
  private record Passed(boolean complete, @Nullable String jump) {
    static final Passed COMPLETE = new Passed(true, null);
    static final Passed OPEN = new Passed(false, null);
  }

  /** The difference that keeps it from going on, or null. */
  static @Nullable String difference(Workflow<?, ?> workflow, List<Recorded> rows) {
    DefinitionCheck check = new DefinitionCheck(workflow, rows);
    try {
      for (StepExecution row : check.completed.values()) {
        check.kind(row);
      }
      for (String step : check.waiting) {
        check.step(step);
      }
      Passed passed = check.sequence(workflow.root().children(), "", 0, null);
      if (passed.jump != null) {
        throw new Difference("a decision went to '" + passed.jump + "', which is not in it");
      }
      return null;
    } catch (Difference found) {
      return "The registered definition "
          + workflow
          + " does not fit what this execution has done: "
          + found.getMessage()
          + ". Register the definition it was started with (give the new one another .version()),"
          + " then retry it.";
    }
  }

  // ---- kinds ----

  private void kind(StepExecution row) throws Difference {
    String path = row.path();
    boolean items = path.endsWith(ITEMS);
    String plain = items ? path.substring(0, path.length() - ITEMS.length()) : path;
    Node node = workflow.node(plain);
    if (node == null) {
      throw new Difference("step '" + path + "' has completed, but is not in it");
    }
    Class<? extends Node> then = kindOf(row);
    if (!node.getClass().equals(then) || (items && !(node instanceof Node.ForEach))) {
      throw new Difference(
          "'" + path + "' completed as a " + row.type().text() + " and is now a " + text(node));
    }
    indices(plain);
  }

  private void step(String path) throws Difference {
    if (workflow.node(path) == null) {
      throw new Difference("step '" + path + "' waits, but is not in it");
    }
    indices(path);
  }

  /** Parts of a forEach or a repeat have an index, parts of anything else have none. */
  private void indices(String path) throws Difference {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      String parent = path.substring(0, slash);
      Node node = workflow.node(parent);
      boolean indexed = parent.endsWith("]");
      boolean indexes = node instanceof Node.ForEach || node instanceof Node.Repeat;
      if (node == null || indexed != indexes) {
        throw new Difference(
            "'"
                + path
                + "' has completed, but '"
                + parent
                + "' is now "
                + (node == null ? "gone" : "a " + text(node)));
      }
    }
  }

  private static @Nullable Class<? extends Node> kindOf(StepExecution row) {
    return switch (row.type()) {
      case STEP -> Node.Step.class;
      case TRANSACTION -> Node.Transaction.class;
      case DECISION -> Node.Decide.class;
      case BRANCH -> Node.Branch.class;
      case PARALLEL -> Node.Parallel.class;
      case FOR_EACH -> Node.ForEach.class;
      case REPEAT -> Node.Repeat.class;
      case EFFECT, WAIT, CHILD, COMPENSATION, RETRY -> null;
    };
  }

  private static String text(Node node) {
    StepType type =
        switch (node) {
          case Node.Step step -> StepType.STEP;
          case Node.Transaction step -> StepType.TRANSACTION;
          case Node.Decide decide -> StepType.DECISION;
          case Node.Branch branch -> StepType.BRANCH;
          case Node.Parallel parallel -> StepType.PARALLEL;
          case Node.ForEach forEach -> StepType.FOR_EACH;
          case Node.Repeat repeat -> StepType.REPEAT;
          case Node.Sequence sequence -> null;
        };
    return type == null ? "path" : type.text();
  }

  // ---- the walk ----

  private Passed sequence(List<Node> nodes, String prefix, int from, @Nullable String into)
      throws Difference {
    String inside = into;
    int next = from;
    StepExecution last = null;
    while (next < nodes.size()) {
      Node node = nodes.get(next);
      last = inOrder(last, completed.get(prefix + node.name()));
      Passed passed = node(node, prefix + node.name(), inside);
      inside = null;
      if (passed.jump != null) {
        int target = Names.indexOf(nodes, Names.first(passed.jump));
        if (target < 0) {
          return passed;
        }
        if (target <= next) {
          throw new Difference("a decision went to '" + passed.jump + "', which now comes earlier");
        }
        next = target;
        inside = Names.rest(passed.jump);
      } else if (passed.complete) {
        next++;
      } else {
        nothingAfter(nodes, next, prefix);
        return Passed.OPEN;
      }
    }
    return Passed.COMPLETE;
  }

  /** What was done later must not come earlier now: it was given another result. */
  private static @Nullable StepExecution inOrder(
      @Nullable StepExecution before, @Nullable StepExecution row) throws Difference {
    if (before != null && row != null && row.seq() < before.seq()) {
      throw new Difference(
          "step '"
              + before.path()
              + "' stands before or in place of '"
              + row.path()
              + "', which had completed before it");
    }
    return row == null ? before : row;
  }

  private void nothingAfter(List<Node> nodes, int open, String prefix) throws Difference {
    for (Node later : nodes.subList(open + 1, nodes.size())) {
      String done = firstWithin(prefix + later.name());
      if (done != null) {
        throw new Difference(
            "step '"
                + prefix
                + nodes.get(open).name()
                + "' stands before or in place of '"
                + done
                + "', which has completed already");
      }
    }
  }

  private Passed node(Node node, String path, @Nullable String into) throws Difference {
    return switch (node) {
      case Node.Step step -> whether(path);
      case Node.Transaction step -> whether(path);
      case Node.Decide decide -> decide(path);
      case Node.Sequence sequence -> sequence(sequence.children(), path + "/", 0, null);
      case Node.Branch branch -> branch(branch, path, into);
      case Node.Parallel parallel -> {
        for (Node child : parallel.children()) {
          node(child, path + "/" + child.name(), null);
        }
        yield whether(path);
      }
      case Node.ForEach forEach -> indexed(forEach.children(), path);
      case Node.Repeat repeat -> indexed(repeat.children(), path);
    };
  }

  private Passed whether(String path) {
    StepExecution row = completed.get(path);
    return row != null && row.status() == StepStatus.COMPLETED ? Passed.COMPLETE : Passed.OPEN;
  }

  private Passed decide(String path) {
    StepExecution row = completed.get(path);
    return row == null || row.output() == null
        ? Passed.OPEN
        : new Passed(true, Decisions.decode(row.output()).target());
  }

  private Passed branch(Node.Branch branch, String path, @Nullable String into) throws Difference {
    StepExecution row = completed.get(path);
    String chosen = into == null ? chosen(row) : Names.first(into);
    if (row == null && into == null) {
      String done = firstWithin(path);
      if (done != null) {
        throw new Difference("'" + done + "' has completed, but nothing leads to it");
      }
      return Passed.OPEN;
    }
    if (chosen == null) {
      return Passed.COMPLETE;
    }
    int index = Names.indexOf(branch.children(), chosen);
    if (index < 0) {
      throw new Difference(
          "branch '" + path + "' chose '" + chosen + "', which is not among its cases");
    }
    List<Node> nodes = branch.children().get(index).children();
    String inside = into == null ? null : Names.rest(into);
    int from = inside == null ? 0 : Names.indexOf(nodes, Names.first(inside));
    if (from < 0) {
      throw new Difference("a decision went to '" + path + "/" + into + "', which is not in it");
    }
    return sequence(
        nodes, path + "/" + chosen + "/", from, inside == null ? null : Names.rest(inside));
  }

  private static @Nullable String chosen(@Nullable StepExecution row) {
    return row == null || row.output() == null ? null : Chosen.decode(row.output()).path();
  }

  private Passed indexed(List<Node> path, String parent) throws Difference {
    for (String item : items(parent)) {
      sequence(path, item + "/", 0, null);
    }
    return whether(parent);
  }

  /** The items or rounds below a path that something is committed of. */
  private Iterable<String> items(String parent) {
    TreeSet<String> items = new TreeSet<>();
    for (String path : completed.tailMap(parent + "[").keySet()) {
      if (!path.startsWith(parent + "[")) {
        break;
      }
      int slash = path.indexOf('/', parent.length());
      if (slash > 0) {
        items.add(path.substring(0, slash));
      }
    }
    return items;
  }

  private @Nullable String firstWithin(String path) {
    for (String done : completed.tailMap(path).keySet()) {
      if (!done.startsWith(path)) {
        return null;
      }
      if (done.length() == path.length()
          || done.charAt(path.length()) == '/'
          || done.charAt(path.length()) == '[') {
        return done;
      }
    }
    return null;
  }
}
