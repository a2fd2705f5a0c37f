package dev.durable.internal.engine;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.CompensationLog;
import dev.durable.internal.store.CompensationLog.Planned;
import dev.durable.internal.store.HistoryRow;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.Transition;
import dev.durable.internal.store.WakeCondition;
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
import org.jspecify.annotations.Nullable;

/**
 * Undoes what an execution has completed, the last thing first. What has been undone is passed by
 * when somebody else goes on with it.
 */
final class CompensationRunner {

  private static final Comparator<StepExecution> BY_COMPLETION =
      Comparator.comparing((StepExecution row) -> completion(row))
          .thenComparingInt(StepExecution::seq);

  private final Strand strand;
  private final Run run;
  private final ErrorInfo cause;
  private final @Nullable List<Planned> stored;
  private final List<HistoryRow> recorded;
  private final List<CompensationResult> results = new ArrayList<>();

  /**
   * @param log why it is undone, and what is to be, if that is known already
   */
  CompensationRunner(Strand strand, CompensationLog log, List<HistoryRow> recorded) {
    this.strand = strand;
    this.run = strand.run;
    this.cause = log.cause();
    this.stored = log.plan();
    this.recorded = recorded;
  }

  /**
   * How something is undone.
   *
   * @param how the handler
   * @param type what it gets
   */
  private record Handler(Compensation<?> how, TypeRef<?> type) {}

  /** Whether something that has been done, or may be about to be committed, can be undone. */
  static boolean hasReason(Workflow<?, ?> workflow, History history, Uncommitted held) {
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
    for (String path : history.completed()) {
      if (isNeeded(workflow, path)) {
        return true;
      }
    }
    for (String path : history.called()) {
      if (isNeeded(workflow, path)) {
        return true;
      }
    }
    for (String path : history.onTheirWay()) {
      if (isNeeded(workflow, path)) {
        return true;
      }
    }
    return held.rows().stream()
        .anyMatch(row -> row.status() == StepStatus.COMPLETED && isNeeded(workflow, row.path()));
  }

  static boolean isUndoable(Node node) {
    StepOptions<?> options = options(node);
    return options != null
        && (options.compensation().isPresent() || !options.effectCompensations().isEmpty());
  }

  /** Whether all that is still to be undone has its handler in a definition. */
  static boolean canGoOn(Workflow<?, ?> workflow, CompensationLog log, List<HistoryRow> recorded) {
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

  private static boolean isUnknown(Workflow<?, ?> workflow, StepExecution row) {
    return isStep(row) && workflow.node(row.path()) == null;
  }

  private static boolean isStep(StepExecution row) {
    return row.type() == StepType.STEP || row.type() == StepType.TRANSACTION;
  }

  private static String path(Planned what) {
    return new NodePath(what.path()).undoneBy(what.handler()).text();
  }

  /** The handler of the plan: another one might undo it twice, or something else. */
  private static @Nullable Handler planned(Workflow<?, ?> workflow, Planned what) {
    Handler handler = handler(workflow, what.path());
    return handler != null && handler.how().name().equals(what.handler()) ? handler : null;
  }

  /** Whether the result at this path would be needed to undo it. */
  static boolean isNeeded(Workflow<?, ?> workflow, String path) {
    return handler(workflow, path) != null;
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

  /** Undoes until all is undone, or the execution has to wait. */
  Outcome toTheEnd() throws ParkedException {
    List<Planned> plan = stored;
    try {
      if (plan == null) {
        plan = fixed(plan());
      }
      for (Planned each : plan) {
        if (!undo(each) && run.workflow.stopsCompensationOnFailure()) {
          break;
        }
      }
      return new Outcome.Done(transition(status(plan), null, WakeCondition.NEVER, plan));
    } catch (Suspension rest) {
      return new Outcome.Waits(
          transition(ExecutionStatus.COMPENSATING, rest.path(), rest.wake(), plan));
    }
  }

  /** Stored before anything is undone: whatever is deployed meanwhile, it stays the plan. */
  private List<Planned> fixed(List<Planned> plan) throws Suspension {
    if (plan.isEmpty()) {
      return plan;
    }
    List<Planned> fixed;
    try {
      fixed = run.engine.compensations().fix(run.claimed.owner(), plan);
    } catch (Throwable unknown) {
      WakeCondition later =
          WakeCondition.after(run.pauses.next("store what is to be undone", unknown));
      throw new Suspension(later, plan.getFirst().path());
    }
    if (fixed == null) {
      run.abandon("its execution belongs to another run");
      throw run.stoppedError(null);
    }
    run.pauses.over();
    return fixed;
  }

  private List<Planned> plan() throws ParkedException {
    List<StepExecution> done = new ArrayList<>();
    for (HistoryRow one : recorded) {
      StepExecution row = one.row();
      if (row.status() == StepStatus.COMPLETED && isUndone(row)) {
        done.add(row);
      }
    }
    done.sort(BY_COMPLETION.reversed());
    List<Planned> plan = new ArrayList<>();
    for (StepExecution row : done) {
      Handler handler = Objects.requireNonNull(handler(run.workflow, row.path()));
      plan.add(new Planned(row.path(), handler.how().name()));
    }
    return plan;
  }

  private boolean isUndone(StepExecution row) throws ParkedException {
    if (isUnknown(run.workflow, row)) {
      throw new ParkedException(
          ErrorInfo.of(
              ErrorInfo.DEFINITION_CHANGED,
              "'"
                  + row.path()
                  + "' has completed, but the registered definition "
                  + run.workflow
                  + " does not have it: nobody knows whether it must be undone. Register the"
                  + " definition that the execution was started with: it goes on by itself.",
              row.path()));
    }
    return (isStep(row) || row.type() == StepType.EFFECT) && isNeeded(run.workflow, row.path());
  }

  private static Instant completion(StepExecution row) {
    return Objects.requireNonNullElse(row.completedAt(), row.startedAt());
  }

  /** False if it failed. */
  private boolean undo(Planned what) throws Suspension, ParkedException {
    String path = path(what);
    try {
      if (run.history.result(path) == null) {
        run.history.refuseIfFailed(path);
        Handler handler = required(what);
        new StepRunner(strand)
            .undo(handler.how(), what.path(), path, handler.type(), done(what.path()));
      }
      results.add(new CompensationResult(what.path(), what.handler(), StepStatus.COMPLETED, null));
      return true;
    } catch (StepFailure failure) {
      results.add(
          new CompensationResult(what.path(), what.handler(), StepStatus.FAILED, failure.error()));
      return false;
    }
  }

  private JsonValue done(String path) {
    for (HistoryRow one : recorded) {
      StepExecution row = one.row();
      if (row.status() == StepStatus.COMPLETED && row.path().equals(path)) {
        return JsonValue.of(row.output() == null ? "null" : row.output());
      }
    }
    throw new IllegalStateException("'" + path + "' is to be undone, and has no result");
  }

  private Handler required(Planned what) throws ParkedException {
    Handler planned = planned(run.workflow, what);
    if (planned != null) {
      return planned;
    }
    Handler handler = handler(run.workflow, what.path());
    throw new ParkedException(
        ErrorInfo.of(
            ErrorInfo.DEFINITION_CHANGED,
            "'"
                + what.path()
                + "' is to be undone by '"
                + what.handler()
                + "', but in the registered definition "
                + run.workflow
                + (handler == null
                    ? " nothing undoes it."
                    : " it is undone by '" + handler.how().name() + "'.")
                + " Register the definition that it began to be undone with: it goes on by itself.",
            what.path()));
  }

  private ExecutionStatus status(List<Planned> plan) {
    if (plan.isEmpty()) {
      return cause.type().equals(ErrorInfo.CANCELLED)
          ? ExecutionStatus.CANCELLED
          : ExecutionStatus.FAILED;
    }
    return results.stream().allMatch(result -> result.status() == StepStatus.COMPLETED)
        ? ExecutionStatus.COMPENSATED
        : ExecutionStatus.COMPENSATION_FAILED;
  }

  private Transition transition(
      ExecutionStatus status,
      @Nullable String path,
      WakeCondition wake,
      @Nullable List<Planned> plan) {
    return new Transition(
        status,
        null,
        InternalJson.write(cause),
        path == null ? cause.step() : path,
        wake,
        InternalJson.write(new CompensationLog(cause, results, plan)));
  }
}
