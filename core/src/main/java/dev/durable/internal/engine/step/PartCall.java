package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.FailureJson;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.Failures;
import dev.durable.internal.engine.run.ParkedError;
import dev.durable.internal.engine.run.RunLog;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.workflow.JoinPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Enters one part of a fork, on the current thread. */
final class PartCall {

  private final BodyScope whole;
  private final String fork;
  private final RunState run;
  private final JoinPolicy policy;
  private final ForkPart part;
  private final int index;
  private final Attempt attempt;
  private final BodyScope scope;
  private final PartContext context;

  /**
   * @param whole the body that forks
   * @param fork the path of the fork
   */
  PartCall(PartContext whole, String fork, JoinPolicy policy, ForkPart part, int index) {
    this.whole = whole.scope();
    this.fork = fork;
    this.run = this.whole.run();
    this.policy = policy;
    this.part = part;
    this.index = index;
    int number = run.history().attempts().recorded(part.path()) + 1;
    this.attempt = this.whole.attempt().part(part.path(), number);
    this.scope = this.whole.part(attempt);
    this.context = whole.part(scope);
  }

  Attempt attempt() {
    return attempt;
  }

  PartEnd call() {
    try {
      attempt.runsOn(Thread.currentThread());
      awaitTurn();
      try {
        scope.run(context, this::run);
      } finally {
        run.bodies().giveTurnBack();
      }
      return end(PartEnd.Kind.ENDED, null);
    } catch (Throwable thrown) {
      try {
        return end(endedBy(thrown), thrown);
      } catch (Throwable unwanted) {
        return end(PartEnd.Kind.STOPPED, unwanted);
      }
    }
  }

  /** Enters the part once more: whatever ends that entry ends only the part's. */
  void collect() {
    try {
      scope.run(
          context,
          () -> {
            part.collect(context);
            return true;
          });
    } catch (Throwable ended) {
      scope.requireWanted();
    }
  }

  private boolean run() throws Exception {
    scope.requireWanted();
    part.run(context);
    return true;
  }

  /** Waits until one more body of this execution may run. */
  private void awaitTurn() {
    while (!run.bodies().takeTurn()) {
      scope.requireWanted();
    }
  }

  private PartEnd end(PartEnd.Kind kind, @Nullable Throwable thrown) {
    if (kind == PartEnd.Kind.ENDED) {
      attempt.over();
    }
    return new PartEnd(index, attempt, kind, thrown);
  }

  // ---- what it throws ----

  private PartEnd.Kind endedBy(Throwable thrown) {
    if (thrown instanceof FencedException) {
      run.abandon(RunState.NOT_OURS);
    }
    if (scope.isUnwanted() || thrown instanceof StoppedError) {
      return PartEnd.Kind.STOPPED;
    }
    if (attempt.parked() != null || thrown instanceof ParkedError) {
      return PartEnd.Kind.PARKS;
    }
    if (attempt.suspension() != null || thrown instanceof SuspendedError) {
      attempt.comesAgain(run.history());
      return PartEnd.Kind.RESTS;
    }
    if (part.ended(whole, fork) != null) {
      // An effect or a child whose failure is committed already.
      return PartEnd.Kind.ENDED;
    }
    return failed(thrown);
  }

  private PartEnd.Kind failed(Throwable thrown) {
    if (FailedAttempt.mayBeTriedAgain(thrown) && policy instanceof JoinPolicy.FailFast) {
      return PartEnd.Kind.BROKEN;
    }
    List<Throwable> broken = new ArrayList<>();
    boolean lasts = run.lasts(thrown, part.path(), broken::add);
    ErrorInfo error = Failures.describe(thrown, part.path(), broken);
    String json = FailureJson.write(error, run.unrecorded().calls(part.path(), thrown), lasts);
    StepRow row = attempt.end(run.history(), StepStatus.FAILED, null, json);
    RunLog.attemptFailed(run.claimed(), part.path(), row.attempt(), error, null);
    commit(row);
    return PartEnd.Kind.ENDED;
  }

  private void commit(StepRow failure) {
    Uncommitted row = Uncommitted.of(List.of(failure));
    try {
      run.journal().commit(attempt, row.and(attempt.uncommitted()), attempt::settled);
    } catch (RejectedEntryException refused) {
      attempt.forgetTentative(run.waits());
      run.journal().commit(attempt, row, attempt::settled);
    }
  }
}
