package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.CompensationLog;
import dev.durable.internal.codec.CompensationLog.Planned;
import dev.durable.internal.engine.run.History;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the steps and effects of an execution that a definition undoes, their handlers and order.
 */
public final class CompensationPlan {

  private static final Comparator<StepExecution> BY_COMPLETION =
      Comparator.comparing((StepExecution row) -> completion(row))
          .thenComparingInt(StepExecution::seq);

  private CompensationPlan() {}

  /**
   * The handler that undoes a step or an effect.
   *
   * @param how the handler
   * @param type the type of the value that it gets
   */
  record Handler(Compensation<?> how, TypeRef<?> type) {}

  // ---- whether there is anything to undo ----

  /** Whether a step that has completed, or may be about to be committed, can be undone. */
  public static boolean hasReason(
      Workflow<?, ?> workflow, History history, Uncommitted uncommitted) {
    boolean forks = false;
    boolean undoable = false;
    for (Node node : workflow.nodes().values()) {
      forks |= node instanceof Node.Parallel || node instanceof Node.ForEach;
      undoable |= isUndoable(node);
    }
    if (!undoable || forks) {
      // A part of a fork that was stopped may commit its last result at this very moment.
      return undoable;
    }
    return Stream.of(history.completed(), history.called(), history.onTheirWay())
            .flatMap(Set::stream)
            .anyMatch(path -> isNeeded(workflow, path))
        || uncommitted.rows().stream()
            .anyMatch(
                row -> row.status() == StepStatus.COMPLETED && isNeeded(workflow, row.path()));
  }

  /** Whether a node, or an effect of its body, has a handler that undoes it. */
  public static boolean isUndoable(Node node) {
    StepOptions<?> options = options(node);
    return options != null
        && (options.compensation().isPresent() || !options.effectCompensations().isEmpty());
  }

  /** Whether the result at this path would be needed to undo it. */
  static boolean isNeeded(Workflow<?, ?> workflow, String path) {
    return handler(workflow, path) != null;
  }

  // ---- the plan ----

  /**
   * Everything that is to be undone, the last one first.
   *
   * @throws ParkedException if a completed step is not in the definition
   */
  static List<Planned> of(Workflow<?, ?> workflow, List<HistoryRow> recorded)
      throws ParkedException {
    List<StepExecution> done = new ArrayList<>();
    for (HistoryRow one : recorded) {
      StepExecution row = one.row();
      if (row.status() == StepStatus.COMPLETED && isUndone(workflow, row)) {
        done.add(row);
      }
    }
    done.sort(BY_COMPLETION.reversed());
    List<Planned> plan = new ArrayList<>();
    for (StepExecution row : done) {
      Handler handler = Objects.requireNonNull(handler(workflow, row.path()));
      plan.add(new Planned(row.path(), handler.how().name()));
    }
    return plan;
  }

  private static boolean isUndone(Workflow<?, ?> workflow, StepExecution row)
      throws ParkedException {
    if (isUnknown(workflow, row)) {
      throw new ParkedException(
          ErrorInfo.of(
              ErrorInfo.DEFINITION_CHANGED,
              "'"
                  + row.path()
                  + "' has completed, but the registered definition "
                  + workflow
                  + " does not have it: it is unknown whether it must be undone. Register the"
                  + " definition that the execution was started with: it continues by itself.",
              row.path()));
    }
    return (isStep(row) || row.type() == StepType.EFFECT) && isNeeded(workflow, row.path());
  }

  private static boolean isUnknown(Workflow<?, ?> workflow, StepExecution row) {
    return isStep(row) && workflow.node(row.path()) == null;
  }

  private static boolean isStep(StepExecution row) {
    return row.type() == StepType.STEP || row.type() == StepType.TRANSACTION;
  }

  private static Instant completion(StepExecution row) {
    return Objects.requireNonNullElse(row.completedAt(), row.startedAt());
  }

  /** Whether a definition has the handlers of everything that is still to be undone. */
  public static boolean canGoOn(
      Workflow<?, ?> workflow, CompensationLog log, List<HistoryRow> recorded) {
    List<StepExecution> done =
        recorded.stream()
            .map(HistoryRow::row)
            .filter(row -> row.status() == StepStatus.COMPLETED)
            .toList();
    List<Planned> plan = log.plan();
    if (plan == null) {
      return done.stream().noneMatch(row -> isUnknown(workflow, row));
    }
    Set<String> undone = done.stream().map(StepExecution::path).collect(Collectors.toSet());
    return plan.stream()
        .allMatch(what -> undone.contains(path(what)) || planned(workflow, what) != null);
  }

  // ---- handlers ----

  /** The path of the compensation itself. */
  static String path(Planned what) {
    return new NodePath(what.path()).undoneBy(what.handler()).text();
  }

  /**
   * The handler that a plan names.
   *
   * @throws ParkedException if the definition does not have it
   */
  static Handler required(Workflow<?, ?> workflow, Planned what) throws ParkedException {
    Handler planned = planned(workflow, what);
    if (planned != null) {
      return planned;
    }
    Handler handler = handler(workflow, what.path());
    throw new ParkedException(
        ErrorInfo.of(
            ErrorInfo.DEFINITION_CHANGED,
            "'"
                + what.path()
                + "' is to be undone by '"
                + what.handler()
                + "', but in the registered definition "
                + workflow
                + (handler == null
                    ? " nothing undoes it."
                    : " it is undone by '" + handler.how().name() + "'.")
                + " Register the definition that it began to be undone with: it continues by"
                + " itself.",
            what.path()));
  }

  /** Another handler than the planned one might undo it twice, or undo the wrong thing. */
  private static @Nullable Handler planned(Workflow<?, ?> workflow, Planned what) {
    Handler handler = handler(workflow, what.path());
    return handler != null && handler.how().name().equals(what.handler()) ? handler : null;
  }

  private static @Nullable Handler handler(Workflow<?, ?> workflow, String path) {
    Node node = workflow.node(path);
    StepOptions<?> options = node == null ? null : options(node);
    if (node != null && options != null) {
      return options.compensation().map(how -> new Handler(how, node.output())).orElse(null);
    }
    Node parent = workflow.node(NodePath.above(path));
    StepOptions<?> parents = parent == null ? null : options(parent);
    Compensation<?> effect =
        parents == null ? null : parents.effectCompensations().get(NodePath.called(path));
    return effect == null ? null : new Handler(effect, effect.type().orElseThrow());
  }

  private static @Nullable StepOptions<?> options(Node node) {
    return switch (node) {
      case Node.Step step -> step.options();
      case Node.Transaction step -> step.options();
      case Node.Decide d -> null;
      case Node.Sequence s -> null;
      case Node.Branch b -> null;
      case Node.Parallel p -> null;
      case Node.ForEach f -> null;
      case Node.Repeat r -> null;
    };
  }
}
