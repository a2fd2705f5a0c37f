package dev.durable.internal.engine.flow;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.step.BranchResult;
import dev.durable.internal.engine.step.ForkRoom;
import dev.durable.internal.engine.step.StepRunner;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Into;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import java.util.List;
import java.util.function.Function;

/** Walks a parallel or a forEach: a {@link Fork} walks its parts, then the join's body runs. */
final class ForkWalk {

  private final Strand strand;
  private final RunState run;
  private final StepRunner steps;

  ForkWalk(Strand strand, StepRunner steps) {
    this.strand = strand;
    this.run = strand.run();
    this.steps = steps;
  }

  JsonValue walk(Node.Parallel parallel, NodePath where, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    String path = where.text();
    run.history().attempts().refuseIfFailed(path);
    List<Node> branches = parallel.children();
    List<BranchResult> parts =
        new Fork(
                strand,
                branches.size(),
                ForkRoom.ALL,
                parallel.policy(),
                path,
                (part, index) ->
                    new Walk(part)
                        .node(
                            branches.get(index),
                            where.node(branches.get(index).name()),
                            null,
                            input.copy()))
            .toTheEnd();
    return join(
        StepType.PARALLEL,
        parallel,
        path,
        input,
        parallel.join(),
        joins -> joins.ofBranches(branches, parts));
  }

  JsonValue walk(Node.ForEach forEach, NodePath where, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    String path = where.text();
    run.history().attempts().refuseIfFailed(path);
    List<String> items = items(forEach, where, input);
    List<BranchResult> parts =
        new Fork(
                strand,
                items.size(),
                new ForkRoom(forEach.loop().concurrency(), forEach.loop().bodies()),
                forEach.loop().policy(),
                path,
                (part, index) ->
                    new Walk(part)
                        .sequence(
                            forEach.path(), where.part(index), JsonValue.of(items.get(index))))
            .toTheEnd();
    return join(
        StepType.FOR_EACH,
        forEach,
        path,
        input,
        forEach.join(),
        joins -> joins.ofItems(forEach.path().output(), parts));
  }

  /** The list is made once: results of its items must not be given to other items. */
  private List<String> items(Node.ForEach forEach, NodePath where, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    String row = where.items().text();
    StepBody<Object, Object, Object> list = StepRunner.unchecked(forEach.items());
    ForEachItems items = new ForEachItems(run.services().payloads(), where.text(), forEach.item());
    JsonValue made =
        steps.evaluate(
            StepType.FOR_EACH,
            row,
            context -> list.run(steps.read(where.text(), input.copy(), forEach.input()), context),
            items::encode);
    return items.decode(made);
  }

  private JsonValue join(
      StepType type,
      Node node,
      String path,
      JsonValue input,
      Into<?, ?, ?> function,
      Function<JoinInputs, Object> results)
      throws StepFailure, Suspension, ParkedException {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    Into<Object, Object, Object> join = (Into<Object, Object, Object>) function;
    return steps.evaluate(
        type,
        path,
        node.output(),
        context ->
            join.into(
                steps.read(path, input.copy(), node.input()),
                results.apply(new JoinInputs(context, path))));
  }
}
