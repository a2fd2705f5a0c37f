package dev.durable.internal.engine.flow;

import dev.durable.internal.engine.step.BodyContext;
import dev.durable.internal.engine.step.BranchResult;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.Node;
import dev.durable.workflow.ParallelResults;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The results of a block's parts, as its join gets them. */
final class JoinInputs {

  private final BodyContext context;
  private final String path;

  /**
   * @param context of the join, which is to be parked if a part's result cannot be read
   * @param path of the block
   */
  JoinInputs(BodyContext context, String path) {
    this.context = context;
    this.path = path;
  }

  ItemResults<Object> ofItems(TypeRef<?> type, List<BranchResult> parts) {
    List<BranchOutcome<Object>> outcomes = new ArrayList<>(parts.size());
    for (BranchResult part : parts) {
      String place = new NodePath(path).part(outcomes.size()).text();
      outcomes.add(context.outcome(place, part, unchecked(type)));
    }
    return new ItemResults<>(outcomes);
  }

  @SuppressWarnings("unchecked") // Whatever it is read as is an object.
  private static TypeRef<Object> unchecked(TypeRef<?> type) {
    return (TypeRef<Object>) type;
  }

  ParallelResults ofBranches(List<Node> branches, List<BranchResult> parts) {
    Map<String, BranchResult> byName = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      byName.put(branches.get(i).name(), parts.get(i));
    }
    return new Branches(byName);
  }

  private final class Branches implements ParallelResults {
    private final Map<String, BranchResult> parts;

    Branches(Map<String, BranchResult> parts) {
      this.parts = parts;
    }

    @Override
    public <R> R get(BranchRef<R> branch) {
      return switch (outcome(branch)) {
        case BranchOutcome.Completed<R>(R value) -> value;
        case BranchOutcome.Failed<R> failed ->
            throw new IllegalStateException(
                "Branch '"
                    + path
                    + "/"
                    + branch.name()
                    + "' failed; ask for its outcome(…) instead: "
                    + failed.error().message());
        case BranchOutcome.Cancelled<R> cancelled ->
            throw new IllegalStateException(
                "Branch '"
                    + path
                    + "/"
                    + branch.name()
                    + "' was cancelled. Ask for its outcome(…) instead.");
      };
    }

    @Override
    public <R> BranchOutcome<R> outcome(BranchRef<R> branch) {
      BranchResult part = parts.get(branch.name());
      if (part == null) {
        throw new IllegalArgumentException(
            "Parallel '" + path + "' has no branch '" + branch.name() + "'.");
      }
      return context.outcome(new NodePath(path).node(branch.name()).text(), part, branch.type());
    }
  }
}
