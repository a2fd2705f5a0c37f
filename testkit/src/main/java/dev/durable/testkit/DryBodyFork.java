package dev.durable.testkit;

import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchBody;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.ForkedBranch;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.JoinPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A parallel of a body: collects its branches, and joins them once. */
final class DryBodyFork implements ForkedBranches<Object> {

  private final DryContext context;
  private final String path;
  private final JoinPolicy policy;
  private final Map<String, DryForkPart> branches = new LinkedHashMap<>();
  private boolean joined;
  private @Nullable List<DryPart> results;

  DryBodyFork(DryContext context, String path, JoinPolicy policy) {
    this.context = context;
    this.path = path;
    this.policy = policy;
  }

  // ---- branches ----

  @Override
  public <R> ForkedBranch<R> run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(effect, "effect");
    EffectOptions<R> options = EffectOptions.of(with);
    return add(type, new DryForkPart.OfEffect<>(place(name), type, effect, options));
  }

  @Override
  public <R> ForkedBranch<R> branch(
      String name, TypeRef<R> type, BranchBody<Object, ? extends R> body) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(body, "body");
    return add(type, new DryForkPart.OfBody<R>(place(name), null, type, body));
  }

  private String place(String name) {
    Objects.requireNonNull(name, "name");
    if (joined) {
      throw new IllegalStateException(
          "Parallel '" + path + "' has been joined: it takes no branch '" + name + "'.");
    }
    NodePath.requireCall(path, name);
    return new NodePath(path).call(name).text();
  }

  private <R> ForkedBranch<R> add(TypeRef<R> type, DryForkPart part) {
    if (branches.putIfAbsent(part.path(), part) != null) {
      throw new IllegalStateException(
          "Parallel '"
              + path
              + "' has two branches '"
              + part.path()
              + "'. Branches are remembered by name: give each its own.");
    }
    return new Branch<>(branches.size() - 1, part.path(), type);
  }

  // ---- the join ----

  @Override
  public void join() throws Exception {
    context.calls().requireCalls("the join of '" + path + "'");
    if (joined) {
      throw new IllegalStateException("Parallel '" + path + "' has been joined already.");
    }
    joined = true;
    if (policy instanceof JoinPolicy.Quorum(int needed) && needed > branches.size()) {
      throw new IllegalStateException(
          "Parallel '"
              + path
              + "' needs "
              + needed
              + " branches, but has "
              + branches.size()
              + ".");
    }
    List<DryForkPart> parts = List.copyOf(branches.values());
    results = new DryForkJoin(context, path, parts.size(), policy, parts).join();
  }

  void requireJoined() {
    if (!joined) {
      throw new IllegalStateException(
          "The body of '"
              + context.path()
              + "' has returned without joining parallel '"
              + path
              + "'. Call its join(): until then no branch begins.");
    }
  }

  private final class Branch<R> implements ForkedBranch<R> {

    private final int index;
    private final String place;
    private final TypeRef<R> type;

    Branch(int index, String place, TypeRef<R> type) {
      this.index = index;
      this.place = place;
      this.type = type;
    }

    @Override
    public R get() {
      return switch (outcome()) {
        case BranchOutcome.Completed<R>(R value) -> value;
        case BranchOutcome.Failed<R> failed ->
            throw new IllegalStateException(
                "Branch '"
                    + place
                    + "' failed: "
                    + failed.error().message()
                    + " Ask for its outcome() instead.");
        case BranchOutcome.Cancelled<R> cancelled ->
            throw new IllegalStateException(
                "Branch '" + place + "' was cancelled. Ask for its outcome() instead.");
      };
    }

    @Override
    public BranchOutcome<R> outcome() {
      List<DryPart> all = results;
      if (all == null) {
        throw new IllegalStateException(
            "Branch '" + place + "' has no result: its parallel has not been joined.");
      }
      return context.outcome(place, all.get(index), type);
    }
  }
}
