package dev.durable.deploy;

import dev.durable.execution.ErrorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What goes wrong if an execution continues under a definition without any comparison: something is
 * done twice, or skipped, or before what it should come after, or has been done in vain: it has no
 * place in the definition.
 *
 * @param wrong each in words
 * @param paths where; one of them must be in the reason for parking
 */
record Verdict(List<String> wrong, Set<String> paths) {

  /**
   * @param before what has been done
   * @param definition what it is to continue with
   */
  static Verdict of(Model before, List<Part> definition) {
    Verdict verdict = new Verdict(new ArrayList<>(), new HashSet<>());
    Model alone = before.anew().run(definition);
    Model after = before.run(definition);
    verdict.inVain(after, alone);
    verdict.twice(after);
    verdict.skipped(before, after, alone);
    verdict.outOfOrder(before, after, alone);
    verdict.notUndone(before, alone);
    return verdict;
  }

  boolean fits() {
    return wrong.isEmpty();
  }

  /** Whether an execution was parked for this. */
  boolean isNamedBy(ErrorInfo error) {
    return error.type().equals(ErrorInfo.DEFINITION_CHANGED)
        && paths.stream().anyMatch(path -> error.message().contains("'" + path + "'"));
  }

  private void add(String what, String path) {
    wrong.add(what + " " + path);
    paths.add(path.replace("?", ""));
  }

  private void notUndone(Model before, Model alone) {
    for (String path : before.undoable()) {
      if (alone.at(path) != null && !alone.undoable().contains(path)) {
        add("no longer undone", path);
      }
    }
  }

  private void inVain(Model after, Model alone) {
    Set<String> wanted = new HashSet<>();
    alone.acts().forEach(act -> wanted.add(act.path() + " " + act.what()));
    for (Act act : after.acts()) {
      Act owner = alone.at(act.owner());
      // A body may leave out or rename its effects: that is its own affair.
      boolean ownAffair =
          !act.owner().isEmpty() && owner != null && owner.what().endsWith(": step");
      if (!wanted.contains(act.path() + " " + act.what()) && !ownAffair) {
        add("in vain", act.owner().isEmpty() ? act.path() : act.owner());
      }
    }
  }

  private void twice(Model after) {
    Map<String, Act> first = new HashMap<>();
    for (Act act : after.acts()) {
      Act before = first.putIfAbsent(act.what(), act);
      if (before != null) {
        add("twice", before.owner().isEmpty() ? before.path() : before.owner());
        add("twice", act.path());
      }
    }
  }

  private void skipped(Model before, Model after, Model alone) {
    Set<String> done = new HashSet<>(after.acts().stream().map(Act::what).toList());
    for (Act act : alone.acts()) {
      boolean bodyIsOver = before.at(act.owner()) != null;
      if (!done.contains(act.what()) && !bodyIsOver) {
        add("skipped", act.path());
      }
    }
  }

  /** Compares the order in which it would be done with the order of the definition. */
  private void outOfOrder(Model before, Model after, Model alone) {
    List<String> order = alone.acts().stream().map(Act::path).toList();
    List<Act> all = new ArrayList<>(before.acts());
    for (Act act : after.acts()) {
      if (!before.acts().contains(act)) {
        all.add(act);
      }
    }
    for (int late = 1; late < all.size(); late++) {
      for (int early = 0; early < late; early++) {
        int should = place(order, all.get(early));
        int shouldLater = place(order, all.get(late));
        if (should > shouldLater
            && shouldLater >= 0
            && all.get(early).isOrderedWith(all.get(late))) {
          add("out of order", all.get(late).path());
          add("out of order", all.get(early).path());
        }
      }
    }
  }

  private static int place(List<String> order, Act act) {
    return order.indexOf(act.path().replace("?", ""));
  }
}
