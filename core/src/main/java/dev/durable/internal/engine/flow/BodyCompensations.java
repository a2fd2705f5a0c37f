package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.CompensationLog.Planned;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.flow.CompensationHandlers.Handler;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.run.UndoCollection;
import dev.durable.internal.engine.step.BodyCollector;
import dev.durable.internal.store.journal.RecordedUndo;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The handlers that undo what bodies have done. The history has their names; what they do is known
 * once the body has been entered again, which happens once for all of a body.
 */
final class BodyCompensations {

  private final Strand strand;
  private final RunState run;
  private final List<HistoryRow> recorded;
  private final Map<String, UndoCollection> collected = new HashMap<>();

  BodyCompensations(Strand strand, List<HistoryRow> recorded) {
    this.strand = strand;
    this.run = strand.run();
    this.recorded = recorded;
  }

  /** The path of the body that made the call at this path; null if the definition has none. */
  static @Nullable String body(Workflow<?, ?> workflow, String call) {
    for (String above = NodePath.above(call); !above.isEmpty(); above = NodePath.above(above)) {
      Node node = workflow.node(above);
      if (node != null) {
        return node instanceof Node.Step ? above : null;
      }
    }
    return null;
  }

  /**
   * The handler of something that a body has done.
   *
   * @param body the path of the body
   * @param path of the compensation itself
   * @throws StepFailure if the body no longer says how that is undone
   * @throws Suspension if the compensation is not due, or this worker begins no more bodies
   */
  Handler required(String body, Planned what, String path) throws StepFailure, Suspension {
    Duration rest = run.history().attempts().untilDue(path);
    if (!rest.isZero()) {
      throw new Suspension(rest, path);
    }
    UndoCollection known = collected.get(body);
    if (known == null) {
      strand.flush(path);
      Node.Step step = (Node.Step) Objects.requireNonNull(run.workflow().node(body));
      known = new BodyCollector(strand, recorded).collect(step, body, input(body), wanted(body));
      collected.put(body, known);
    }
    UndoCollection.Undo undo = known.at(what.path());
    if (undo == null || !undo.how().name().equals(what.handler())) {
      throw new StepFailure(missing(body, what, undo, known, path));
    }
    return new Handler(undo.how(), undo.type());
  }

  /** The paths of what a body has done and is not undone. */
  private Set<String> wanted(String body) {
    Set<String> wanted = new HashSet<>();
    for (HistoryRow one : recorded) {
      String path = one.row().path();
      if (one.undo() != null
          && NodePath.isBelow(body, path)
          && !isUndone(new Planned(path, one.undo().compensation()))) {
        wanted.add(path);
      }
    }
    return wanted;
  }

  private boolean isUndone(Planned what) {
    return run.history().result(CompensationPlan.path(what)) != null;
  }

  /** What a body got: stored with what it has done, unless it is the execution's input. */
  private JsonValue input(String body) {
    for (HistoryRow one : recorded) {
      RecordedUndo undo = one.undo();
      if (undo != null && undo.input() != null && NodePath.isBelow(body, one.row().path())) {
        return JsonValue.of(undo.input());
      }
    }
    return JsonValue.of(run.claimed().input());
  }

  private static ErrorInfo missing(
      String body,
      Planned what,
      UndoCollection.@Nullable Undo other,
      UndoCollection entry,
      String path) {
    return ErrorInfo.of(
        ErrorInfo.DEFINITION_CHANGED,
        "'"
            + what.path()
            + "' is to be undone by '"
            + what.handler()
            + "', but "
            + (other == null
                ? "the body of '"
                    + body
                    + "', entered once more, "
                    + entry.end()
                    + " before it said how."
                : "the body of '" + body + "' now calls that '" + other.how().name() + "'.")
            + " Register a body that comes to '"
            + NodePath.called(what.path())
            + "' and undoes it by '"
            + what.handler()
            + "', then retry the execution.",
        path);
  }
}
