package dev.durable.internal.engine.flow;

import dev.durable.internal.engine.flow.CommittedWork.Fact;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether an execution that another definition moved last can continue with this one: its
 * committed work must still be there, as {@link KindCheck} says, and a walk must come by all of it
 * before it comes to a node that is still to be done, as {@link CommittedWalk} finds out.
 */
public final class DefinitionCheck {

  private DefinitionCheck() {}

  /**
   * The difference that keeps an execution from continuing, or null.
   *
   * @param before the shape of the definition that moved it last; null if it is unknown
   */
  public static @Nullable String difference(
      Workflow<?, ?> workflow, @Nullable Shape before, List<HistoryRow> rows) {
    try {
      check(workflow, before, new CommittedWork(before, rows));
      return null;
    } catch (DefinitionDifference found) {
      return "The registered definition "
          + workflow
          + " does not fit what this execution has done: "
          + found.getMessage()
          + ". Register the definition that it was moved by (give the new one another .version()):"
          + " then it continues by itself.";
    }
  }

  private static void check(Workflow<?, ?> workflow, @Nullable Shape before, CommittedWork facts)
      throws DefinitionDifference {
    KindCheck kinds = new KindCheck(workflow, before);
    for (Fact fact : facts.all()) {
      kinds.check(fact);
    }
    CommittedWalk walk = new CommittedWalk(workflow, before, facts);
    String jump = walk.sequence(workflow.root().children(), NodePath.ROOT).jump();
    if (jump != null) {
      throw new DefinitionDifference("a decision went to '" + jump + "', which is not in it");
    }
    for (Fact fact : facts.unreached()) {
      throw new DefinitionDifference(
          "'" + fact.path() + "' " + fact.state().text() + ", but nothing leads to it");
    }
  }
}
