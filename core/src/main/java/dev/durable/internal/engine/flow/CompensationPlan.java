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
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    return Stream.of(history.completed(), history.facts().paths(), history.onTheirWay())
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
    List<StepExecution> done = new ArrayList<>();
    for (HistoryRow one : recorded) {
      StepExecution row = one.row();
      if (row.status() == StepStatus.COMPLETED) {
        requireKnown(workflow, row);
        if (mayBeUndone(row) && handlers.isNeeded(row.path())) {
          done.add(row);
        }
      }
    }
    done.sort(BY_COMPLETION.reversed());
    List<Planned> plan = new ArrayList<>();
    for (StepExecution row : done) {
      CompensationHandlers.Handler handler = Objects.requireNonNull(handlers.of(row.path()));
      plan.add(new Planned(row.path(), handler.how().name()));
    }
    return plan;
  }

  private static void requireKnown(Workflow<?, ?> workflow, StepExecution row)
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
  }

  private static boolean mayBeUndone(StepExecution row) {
    return switch (row.type()) {
      case STEP, TRANSACTION, PARALLEL, FOR_EACH, EFFECT -> true;
      default -> false;
    };
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
    CompensationHandlers handlers = new CompensationHandlers(workflow);
    Set<String> undone = done.stream().map(StepExecution::path).collect(Collectors.toSet());
    return plan.stream().allMatch(what -> undone.contains(path(what)) || handlers.have(what));
  }

  /** The path of the compensation itself. */
  static String path(Planned what) {
    return new NodePath(what.path()).undoneBy(what.handler()).text();
  }
}
