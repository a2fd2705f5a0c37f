package dev.durable.internal.engine.flow;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.CompensationLog;
import dev.durable.internal.codec.CompensationLog.Planned;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.step.StepRunner;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.journal.WakeCondition;
import dev.durable.internal.store.worker.HistoryRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Undoes the completed steps of an execution, the last one first. A worker that takes over passes
 * by the steps that have been undone.
 */
public final class CompensationRunner {

  private final Strand strand;
  private final RunState run;
  private final CompensationHandlers handlers;
  private final BodyCompensations bodies;
  private final ErrorInfo cause;
  private final @Nullable List<Planned> stored;
  private final List<HistoryRow> recorded;
  private final List<CompensationResult> results = new ArrayList<>();

  /**
   * @param log the failure, and the plan if it has been stored already
   * @param recorded the history that was loaded with the claim
   */
  public CompensationRunner(Strand strand, CompensationLog log, List<HistoryRow> recorded) {
    this.strand = strand;
    this.run = strand.run();
    this.handlers = new CompensationHandlers(run.workflow());
    this.cause = log.cause();
    this.stored = log.plan();
    this.recorded = recorded;
    this.bodies = new BodyCompensations(strand, recorded);
  }

  /** Undoes until everything is undone, or the execution has to wait. */
  public WalkResult toTheEnd() throws ParkedException {
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
      return new WalkResult.Done(transition(status(plan), null, WakeCondition.NEVER, plan));
    } catch (Suspension rest) {
      return new WalkResult.Waits(
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
        run.history().attempts().refuseIfFailed(path);
        HistoryRow done = done(what.path());
        CompensationHandlers.Handler handler = handler(what, done, path);
        new StepRunner(strand)
            .undo(handler.how(), what.path(), path, handler.type(), result(done), cause);
      }
      results.add(new CompensationResult(what.path(), what.handler(), StepStatus.COMPLETED, null));
      return true;
    } catch (StepFailure failure) {
      results.add(
          new CompensationResult(what.path(), what.handler(), StepStatus.FAILED, failure.error()));
      return false;
    }
  }

  private CompensationHandlers.Handler handler(Planned what, HistoryRow done, String path)
      throws StepFailure, Suspension, ParkedException {
    String body = done.undo() == null ? null : BodyCompensations.body(run.workflow(), what.path());
    return body == null ? handlers.required(what) : bodies.required(body, what, path);
  }

  private static JsonValue result(HistoryRow done) {
    String output = done.row().output();
    return JsonValue.of(output == null ? "null" : output);
  }

  private HistoryRow done(String path) {
    for (HistoryRow one : recorded) {
      StepExecution row = one.row();
      if (row.status() == StepStatus.COMPLETED && row.path().equals(path)) {
        return one;
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
