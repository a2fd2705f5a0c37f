package dev.durable.internal.engine.flow;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.step.BodyContext;
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

  private final Payloads payloads;
  private final BodyContext context;
  private final String path;

  /**
   * @param context of the join, which is to be parked if a part's result cannot be read
   * @param path of the block
   */
  JoinInputs(Payloads payloads, BodyContext context, String path) {
    this.payloads = payloads;
    this.context = context;
    this.path = path;
  }

  ItemResults<Object> ofItems(TypeRef<?> type, List<BranchResult> parts) {
    List<BranchOutcome<Object>> outcomes = new ArrayList<>(parts.size());
    for (BranchResult part : parts) {
      outcomes.add(outcome(new NodePath(path).part(outcomes.size()).text(), part, type));
    }
    return new ItemResults<>(outcomes);
  }

  ParallelResults ofBranches(List<Node> branches, List<BranchResult> parts) {
    Map<String, BranchResult> byName = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      byName.put(branches.get(i).name(), parts.get(i));
    }
    return new Branches(byName);
  }

  @SuppressWarnings("unchecked") // Read as the type that R stands for.
  private <R> BranchOutcome<R> outcome(String place, BranchResult part, TypeRef<?> type) {
    return switch (part) {
      case BranchResult.Done(JsonValue data) ->
          new BranchOutcome.Completed<>(
              (R)
                  context.readable(
                      "The result of '" + place + "'",
                      () -> StepValues.orVoid(payloads.decode(data.json(), type))));
      case BranchResult.Failed failed -> new BranchOutcome.Failed<>(failed.error());
      case BranchResult.Stopped stopped -> new BranchOutcome.Cancelled<>();
    };
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
                    + "' failed: "
                    + failed.error().message()
                    + " Ask for its outcome(…) instead.");
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
      return JoinInputs.this.outcome(
          new NodePath(path).node(branch.name()).text(), part, branch.type());
    }
  }
}
