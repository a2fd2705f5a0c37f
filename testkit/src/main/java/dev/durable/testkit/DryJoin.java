package dev.durable.testkit;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.Node;
import dev.durable.workflow.ParallelResults;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a join gets. */
record DryJoin(DryExecution run, DryContext context, String path) {

  ItemResults<Object> ofItems(TypeRef<?> type, List<DryPart> parts) {
    List<BranchOutcome<Object>> outcomes = new ArrayList<>(parts.size());
    for (DryPart part : parts) {
      outcomes.add(outcome(new NodePath(path).part(outcomes.size()).text(), part, type));
    }
    return new ItemResults<>(outcomes);
  }

  ParallelResults ofBranches(List<Node> branches, List<DryPart> parts) {
    Map<String, DryPart> byName = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      byName.put(branches.get(i).name(), parts.get(i));
    }
    return new Branches(this, byName);
  }

  @SuppressWarnings("unchecked") // Read as the type that R stands for.
  <R> BranchOutcome<R> outcome(String place, DryPart part, TypeRef<?> type) {
    return switch (part) {
      case DryPart.Done(JsonValue data) ->
          new BranchOutcome.Completed<>(
              (R)
                  context.readable(
                      "The result of '" + place + "'",
                      () -> StepValues.orVoid(run.payloads().decode(data.json(), type))));
      case DryPart.Failed failed -> new BranchOutcome.Failed<>(failed.error());
      case DryPart.Stopped stopped -> new BranchOutcome.Cancelled<>();
    };
  }

  private record Branches(DryJoin join, Map<String, DryPart> parts) implements ParallelResults {

    @Override
    public <R> R get(BranchRef<R> branch) {
      String place = "Branch '" + join.path + "/" + branch.name() + "'";
      return switch (outcome(branch)) {
        case BranchOutcome.Completed<R>(R value) -> value;
        case BranchOutcome.Failed<R> failed ->
            throw new IllegalStateException(
                place + " failed; ask for its outcome(…) instead: " + failed.error().message());
        case BranchOutcome.Cancelled<R> cancelled ->
            throw new IllegalStateException(
                place + " was cancelled. Ask for its outcome(…) instead.");
      };
    }

    @Override
    public <R> BranchOutcome<R> outcome(BranchRef<R> branch) {
      DryPart part = parts.get(branch.name());
      if (part == null) {
        throw new IllegalArgumentException(
            "Parallel '" + join.path + "' has no branch '" + branch.name() + "'.");
      }
      return join.outcome(new NodePath(join.path).node(branch.name()).text(), part, branch.type());
    }
  }
}
