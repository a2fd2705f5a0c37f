package dev.durable.internal.engine;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.store.CompensationLog;
import dev.durable.internal.store.CompensationLog.Planned;
import dev.durable.internal.store.HistoryRow;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.Transition;
import dev.durable.internal.store.WakeCondition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Undoes the completed steps of an execution, the last one first. A worker that takes over passes
 * by the steps that have been undone.
 */
final class CompensationRunner {

  private final Strand strand;
  private final RunState run;
  private final ErrorInfo cause;
  private final @Nullable List<Planned> stored;
  private final List<HistoryRow> recorded;
  private final List<CompensationResult> results = new ArrayList<>();

  /**
   * @param log the failure, and the plan if it has been stored already
   * @param recorded the history that was loaded with the claim
   */
  CompensationRunner(Strand strand, CompensationLog log, List<HistoryRow> recorded) {
    this.strand = strand;
    this.run = strand.run();
    this.cause = log.cause();
    this.stored = log.plan();
    this.recorded = recorded;
  }

  /** Undoes until everything is undone, or the execution has to wait. */
  Outcome toTheEnd() throws ParkedException {
    List<Planned> plan = stored;
    try {
      if (plan == null) {
        plan = fixed(CompensationPlan.of(run.workflow(), recorded));
      }
      for (Planned each : plan) {
        if (!undo(each) && run.workflow().stopsCompensationOnFailure()) {
          break;
        }
      }
      return new Outcome.Done(transition(status(plan), null, WakeCondition.NEVER, plan));
    } catch (Suspension rest) {
      return new Outcome.Waits(
          transition(ExecutionStatus.COMPENSATING, rest.path(), rest.wake(), plan));
    }
  }

  /** Stores the plan before anything is undone: a deployment does not change it from then on. */
  private List<Planned> fixed(List<Planned> plan) throws Suspension {
    if (plan.isEmpty()) {
      return plan;
    }
    List<Planned> fixed;
    try {
      fixed = run.services().compensations().fix(run.owner(), plan);
    } catch (Throwable unknown) {
      WakeCondition later =
          WakeCondition.after(run.pauses().next("store what is to be undone", unknown));
      throw new Suspension(later, plan.getFirst().path());
    }
    if (fixed == null) {
      run.abandon(RunState.NOT_OURS);
      throw run.stoppedError(null);
    }
    run.pauses().over();
    return fixed;
  }

  /** Undoes one step or effect; false if that failed. */
  private boolean undo(Planned what) throws Suspension, ParkedException {
    String path = CompensationPlan.path(what);
    try {
      if (run.history().result(path) == null) {
        run.history().refuseIfFailed(path);
        CompensationPlan.Handler handler = CompensationPlan.required(run.workflow(), what);
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
