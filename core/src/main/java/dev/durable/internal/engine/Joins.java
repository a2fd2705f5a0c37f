package dev.durable.internal.engine;

import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.Node;
import dev.durable.workflow.Outcome;
import dev.durable.workflow.ParallelResults;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the join of a block sees of its parts. */
final class Joins {

  private final Payloads payloads;
  private final BodyContext context;
  private final String path;

  /**
   * @param context of the join, which is to be parked if a part's result cannot be read
   * @param path of the block
   */
  Joins(Payloads payloads, BodyContext context, String path) {
    this.payloads = payloads;
    this.context = context;
    this.path = path;
  }

  ItemResults<Object> ofItems(TypeRef<?> type, List<Part> parts) {
    List<Outcome<Object>> outcomes = new ArrayList<>(parts.size());
    for (Part part : parts) {
      outcomes.add(outcome(new NodePath(path).part(outcomes.size()).text(), part, type));
    }
    return new ItemResults<>(outcomes);
  }

  ParallelResults ofBranches(List<Node> branches, List<Part> parts) {
    Map<String, Part> byName = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      byName.put(branches.get(i).name(), parts.get(i));
    }
    return new Branches(byName);
  }

  @SuppressWarnings("unchecked") // Read as the type that R stands for.
  private <R> Outcome<R> outcome(String place, Part part, TypeRef<?> type) {
    return switch (part) {
      case Part.Done(Data data) ->
          new Outcome.Completed<>(
              (R)
                  context.readable(
                      "The result of '" + place + "'",
                      () -> Values.orVoid(payloads.decode(data.json(), type))));
      case Part.Failed failed -> new Outcome.Failed<>(failed.error());
      case Part.Stopped stopped -> new Outcome.Cancelled<>();
    };
  }

  private final class Branches implements ParallelResults {
    private final Map<String, Part> parts;

    Branches(Map<String, Part> parts) {
      this.parts = parts;
    }

    @Override
    public <R> R get(BranchRef<R> branch) {
      return switch (outcome(branch)) {
        case Outcome.Completed<R>(R value) -> value;
        case Outcome.Failed<R> failed ->
            throw new IllegalStateException(
                "Branch '"
                    + path
                    + "/"
                    + branch.name()
                    + "' failed: "
                    + failed.error().message()
                    + " Ask for its outcome(…) instead.");
        case Outcome.Cancelled<R> cancelled ->
            throw new IllegalStateException(
                "Branch '"
                    + path
                    + "/"
                    + branch.name()
                    + "' was cancelled. Ask for its outcome(…) instead.");
      };
    }

    @Override
    public <R> Outcome<R> outcome(BranchRef<R> branch) {
      Part part = parts.get(branch.name());
      if (part == null) {
        throw new IllegalArgumentException(
            "Parallel '" + path + "' has no branch '" + branch.name() + "'.");
      }
      return Joins.this.outcome(new NodePath(path).node(branch.name()).text(), part, branch.type());
    }
  }
}
