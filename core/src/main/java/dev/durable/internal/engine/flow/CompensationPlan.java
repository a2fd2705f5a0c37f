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
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the steps and effects of an execution that a definition undoes, and their order. */
public final class CompensationPlan {

  private static final Comparator<StepExecution> BY_COMPLETION =
      Comparator.comparing((StepExecution row) -> completion(row))
          .thenComparingInt(StepExecution::seq);

  private CompensationPlan() {}

  // ---- whether there is anything to undo ----

  /** Whether a step that has completed, or may be about to be committed, can be undone. */
  public static boolean hasReason(
      Workflow<?, ?> workflow, History history, Uncommitted uncommitted) {
    if (!history.undoable().isEmpty()) {
      return true;
    }
    CompensationHandlers handlers = new CompensationHandlers(workflow);
    boolean forks = false;
    boolean undoable = false;
    for (Node node : workflow.nodes().values()) {
      forks |= node instanceof Node.Parallel || node instanceof Node.ForEach;
      undoable |= node.settings().isUndoable();
    }
    if (!undoable || forks) {
      // A part of a fork that was stopped may commit its last result at this very moment.
      return undoable;
    }
    return Stream.of(history.completed(), history.onTheirWay())
            .flatMap(Set::stream)
            .anyMatch(handlers::isNeeded)
        || uncommitted.rows().stream()
            .anyMatch(row -> row.status() == StepStatus.COMPLETED && handlers.isNeeded(row.path()));
  }

  // ---- the plan ----

  /**
   * Everything that is to be undone, the last one first.
   *
   * @throws ParkedException if a completed step is not in the definition
   */
  static List<Planned> of(Workflow<?, ?> workflow, List<HistoryRow> recorded)
      throws ParkedException {
    CompensationHandlers handlers = new CompensationHandlers(workflow);
    NavigableMap<StepExecution, String> undone = new TreeMap<>(BY_COMPLETION.reversed());
    for (HistoryRow one : recorded) {
      if (one.row().status() == StepStatus.COMPLETED) {
        requireKnown(workflow, one);
        String handler = handler(handlers, one);
        if (handler != null) {
          undone.put(one.row(), handler);
        }
      }
    }
    List<Planned> plan = new ArrayList<>();
    undone.forEach((row, handler) -> plan.add(new Planned(row.path(), handler)));
    return plan;
  }

  /** The name of what undoes a completed row: an effect's row has it, a node's definition. */
  private static @Nullable String handler(CompensationHandlers handlers, HistoryRow one) {
    if (one.undo() != null) {
      return one.undo().compensation();
    }
    CompensationHandlers.Handler handler = isNode(one.row()) ? handlers.of(one.row().path()) : null;
    return handler == null ? null : handler.how().name();
  }

  private static void requireKnown(Workflow<?, ?> workflow, HistoryRow one) throws ParkedException {
    if (isUnknown(workflow, one)) {
      StepExecution row = one.row();
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
  }

  private static boolean isNode(StepExecution row) {
    return switch (row.type()) {
      case STEP, TRANSACTION, PARALLEL, FOR_EACH -> true;
      default -> false;
    };
  }

  private static boolean isUnknown(Workflow<?, ?> workflow, HistoryRow one) {
    StepExecution row = one.row();
    return one.undo() == null
        ? isStep(row) && workflow.node(row.path()) == null
        : BodyCompensations.body(workflow, row.path()) == null;
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
    List<HistoryRow> done =
        recorded.stream().filter(one -> one.row().status() == StepStatus.COMPLETED).toList();
    List<Planned> plan = log.plan();
    if (plan == null) {
      return done.stream().noneMatch(one -> isUnknown(workflow, one));
    }
    CompensationHandlers handlers = new CompensationHandlers(workflow);
    Set<String> here = new HashSet<>();
    for (HistoryRow one : done) {
      here.add(one.row().path());
      if (one.undo() != null && !isUnknown(workflow, one)) {
        here.add(path(new Planned(one.row().path(), one.undo().compensation())));
      }
    }
    return plan.stream().allMatch(what -> here.contains(path(what)) || handlers.have(what));
  }

  /** The path of the compensation itself. */
  static String path(Planned what) {
    return new NodePath(what.path()).undoneBy(what.handler()).text();
  }
}
