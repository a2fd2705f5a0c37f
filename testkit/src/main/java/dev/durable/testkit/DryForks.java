package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonFields;
import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.Into;
import dev.durable.workflow.JoinPolicy;
import dev.durable.workflow.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs the parts of parallel blocks and of forEach, one after the other. */
final class DryForks {

  private final DryExecution run;
  private final DrySteps steps;

  DryForks(DryExecution run, DrySteps steps) {
    this.run = run;
    this.steps = steps;
  }

  JsonValue parallel(Node.Parallel parallel, NodePath where, JsonValue input) throws DryFailure {
    List<Node> branches = parallel.children();
    List<DryPart> parts =
        toTheEnd(
            where.text(),
            branches.size(),
            branches.size(),
            parallel.policy(),
            index -> {
              Node branch = branches.get(index);
              return new DryWalk(run).node(branch, where.node(branch.name()), null, input.copy());
            });
    return join(
        StepType.PARALLEL,
        parallel,
        where.text(),
        input,
        parallel.join(),
        joins -> joins.ofBranches(branches, parts));
  }

  JsonValue forEach(Node.ForEach forEach, NodePath where, JsonValue input) throws DryFailure {
    List<String> items = items(forEach, where, input);
    List<DryPart> parts =
        toTheEnd(
            where.text(),
            items.size(),
            forEach.loop().concurrency(),
            forEach.loop().policy(),
            index ->
                new DryWalk(run)
                    .sequence(
                        forEach.path().children(),
                        where.part(index),
                        JsonValue.of(items.get(index))));
    return join(
        StepType.FOR_EACH,
        forEach,
        where.text(),
        input,
        forEach.join(),
        joins -> joins.ofItems(forEach.path().output(), parts));
  }

  // ---- the list of a forEach ----

  private List<String> items(Node.ForEach forEach, NodePath where, JsonValue input)
      throws DryFailure {
    String path = where.text();
    JsonValue made =
        steps.evaluate(
            StepType.FOR_EACH,
            where.items().text(),
            context ->
                DrySteps.unchecked(forEach.items())
                    .run(run.read(path, input.copy(), forEach.input()), context),
            list -> encoded(forEach, path, list));
    return JsonFields.splitList(made.json());
  }

  private JsonValue encoded(Node.ForEach forEach, String path, @Nullable Object made) {
    if (!(made instanceof List<?> list)) {
      throw new NonRetryableException(
          "The items of forEach '" + path + "' are null. Return an empty list for none.");
    }
    List<String> items = new ArrayList<>(list.size());
    for (Object item : list) {
      int index = items.size();
      if (item == null) {
        throw new NonRetryableException(
            "The list of forEach '" + path + "' has a null at index " + index + ".");
      }
      String what = "item " + index + " of forEach '" + path + "'";
      items.add(run.payloads().prepare(what, item, forEach.item()).json());
    }
    String json = JsonFields.joinList(items);
    return JsonValue.of(run.payloads().check("list of forEach '" + path + "'", json));
  }

  // ---- the parts ----

  private interface Part {
    JsonValue walk(int index) throws DryFailure, DryJump;
  }

  private List<DryPart> toTheEnd(String path, int size, int places, JoinPolicy policy, Part part)
      throws DryFailure {
    DryTally tally = new DryTally(path, policy, size);
    DryLanes lanes = new DryLanes(run.clock(), path, places, size);
    DryStop open = null;
    for (int i = 0; i < size && !tally.isDecided() && !lanes.isFull(); i++) {
      boolean others = i < size - 1;
      lanes.begins();
      try {
        tally.ended(i, walked(part, i));
        lanes.ends();
        if (others && tally.isDecided()) {
          lanes.decides(true);
        }
      } catch (DryFailure decided) {
        lanes.decides(others);
        throw decided;
      } catch (DryStop.Waits waits) {
        lanes.rests();
        open = open == null ? waits : open;
      } catch (DryStop.Over over) {
        // The others have as much time as this one had.
        lanes.rests();
        open = requireOutOfTime(over);
      }
    }
    lanes.over();
    if (!tally.isDecided() && open != null) {
      throw open;
    }
    return tally.results();
  }

  private static DryPart walked(Part part, int index) {
    try {
      return new DryPart.Done(part.walk(index));
    } catch (DryFailure failure) {
      return new DryPart.Failed(failure.error());
    } catch (DryJump jump) {
      throw new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
    }
  }

  /** Lets a cancellation through, which is not only for the part. */
  static DryStop requireOutOfTime(DryStop.Over over) {
    if (!over.reason().type().equals(ErrorInfo.WORKFLOW_TIMEOUT)) {
      throw over;
    }
    return over;
  }

  private JsonValue join(
      StepType type,
      Node node,
      String path,
      JsonValue input,
      Into<?, ?, ?> function,
      Function<DryJoin, Object> results)
      throws DryFailure {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    Into<Object, Object, Object> join = (Into<Object, Object, Object>) function;
    return steps.evaluate(
        type,
        path,
        node.output(),
        context ->
            join.into(
                run.read(path, input.copy(), node.input()),
                results.apply(new DryJoin(run, context, path))));
  }
}
