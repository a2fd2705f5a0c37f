package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.CompensationLog;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.flow.CompensationRunner;
import dev.durable.internal.engine.flow.Jump;
import dev.durable.internal.engine.flow.Walk;
import dev.durable.internal.engine.flow.WalkResult;
import dev.durable.internal.engine.run.Failures;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunLog;
import dev.durable.internal.engine.run.RunServices;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.RunningBodies;
import dev.durable.internal.engine.run.Stay;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.journal.WakeCondition;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.store.worker.KeptHistories;
import dev.durable.internal.store.worker.KeptHistory;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.worker.Slots;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an execution on this worker, from its claim until it ends, waits, is parked or is taken
 * away. A virtual thread of its own walks the definition. A run ends once: the walk, the deadline
 * and a caller of {@link #abandon} compete for its {@link Stay}; the first wins, and the others
 * discard their work.
 */
final class Run implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Run.class);

  private final Registry registry;
  private final RunState state;
  private final Strand root;
  private final WorkflowRetry retry;
  private final RunEnd end;
  private final Deadline deadline;
  private final TimeoutEnd timeout;
  private final LongBodies longBodies;
  private final JsonValue input;
  private final List<HistoryRow> recorded;
  private final @Nullable String parkingReason;
  private final Slots.Slot slot;
  private final CompletableFuture<@Nullable End> left = new CompletableFuture<>();

  /** The engine, as a run that leaves sees it. */
  interface Registry {

    /** Removes a run that has left. */
    void left(Run run);

    /** An execution that has left is due again in that time. */
    void dueIn(Duration wait);

    /** An execution has ended. */
    void announce(UUID execution, End end);

    /** An execution of this schedule has ended. */
    void scheduledEnded(String schedule);

    /** Keeps the histories of executions that wait. */
    KeptHistories keptHistories();
  }

  /**
   * @param claimedHistory the history and signals that were loaded with the claim
   * @param parkingReason why the execution is parked at once, or null
   * @param slot is given back when the run leaves
   */
  Run(
      Registry registry,
      RunServices services,
      Claimed claimed,
      Workflow<?, ?> workflow,
      ClaimedHistory claimedHistory,
      JsonValue input,
      @Nullable String parkingReason,
      Slots.Slot slot) {
    this.registry = registry;
    this.state = new RunState(services, claimed, workflow, claimedHistory, this::abandon);
    this.root = new Strand(state);
    this.retry = new WorkflowRetry(state);
    this.end = new RunEnd(state, slot);
    this.deadline = new Deadline(state, this::timeIsUp);
    this.timeout = new TimeoutEnd(state, root, end);
    this.longBodies = new LongBodies(state);
    this.recorded = claimedHistory.rows();
    this.input = input;
    this.parkingReason = parkingReason;
    this.slot = slot;
  }

  /** The execution and the token under which this run owns it. */
  Ownership owner() {
    return state.owner();
  }

  /**
   * Completed once the execution has left this worker: with its end, or with null if it left
   * without one.
   */
  CompletableFuture<@Nullable End> left() {
    return left;
  }

  /** Walks, commits the outcome, and leaves; no throwable keeps it from leaving. */
  @Override
  public void run() {
    Transition committed = null;
    try {
      committed = leave(walk());
    } catch (StoppedError stopped) {
      LOG.debug("Execution {}: {}", state.id(), stopped.getMessage());
    } catch (Throwable bug) {
      LOG.error(
          "Execution {}: the engine failed to write its end; it will be freed", state.id(), bug);
    } finally {
      if (state.stay().walkIsOver()) {
        depart(committed);
      }
    }
  }

  // ---- the walk ----

  private WalkResult walk() {
    try {
      root.runsHere();
      if (parkingReason != null) {
        return new WalkResult.Parked(
            ErrorInfo.of(ErrorInfo.DEFINITION_CHANGED, parkingReason, null));
      }
      CompensationLog undone = InternalJson.compensation(state.claimed().compensation());
      if (undone != null) {
        return new CompensationRunner(root, undone, recorded).toTheEnd();
      }
      Duration remaining = state.claimed().remaining();
      if (remaining != null && !remaining.isPositive()) {
        return new WalkResult.Failed(timeout.error(null), timeout.undoes());
      }
      if (remaining != null) {
        deadline.watch(remaining);
      }
      Transition rest = retry.rest();
      return rest == null ? goForward() : new WalkResult.Waits(rest);
    } catch (ParkedException parked) {
      return new WalkResult.Parked(parked.reason());
    } catch (StoppedError stopped) {
      return new WalkResult.Stopped(String.valueOf(stopped.getMessage()));
    } catch (Throwable bug) {
      LOG.error("Execution {}: the engine failed; it is to be parked", state.id(), bug);
      return new WalkResult.Parked(Failures.describe(bug, null));
    }
  }

  private WalkResult goForward() throws ParkedException {
    try {
      JsonValue result = new Walk(root).sequence(state.workflow().root(), NodePath.ROOT, input);
      return new WalkResult.Done(
          new Transition(
              ExecutionStatus.COMPLETED, result.json(), null, null, WakeCondition.NEVER));
    } catch (Suspension rest) {
      ExecutionStatus status =
          state.isDraining() && rest.isDue() ? ExecutionStatus.PENDING : ExecutionStatus.WAITING;
      return new WalkResult.Waits(new Transition(status, null, null, rest.path(), rest.wake()));
    } catch (StepFailure failure) {
      return retry.after(failure.error());
    } catch (Jump jump) {
      throw new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
    }
  }

  /** Commits the outcome of the walk; null if the stay was taken from it before, or is fenced. */
  private @Nullable Transition leave(WalkResult outcome) {
    if (!state.stay().leave()) {
      return null;
    }
    Uncommitted mark = Uncommitted.NOTHING;
    if (outcome instanceof WalkResult.Again again) {
      mark = Uncommitted.of(List.of(again.mark()));
    }
    Transition transition =
        switch (outcome) {
          case WalkResult.Done(Transition done) -> done;
          case WalkResult.Waits(Transition rest) -> rest;
          case WalkResult.Again(StepRow counted, Transition rest) -> rest;
          case WalkResult.Failed(ErrorInfo error, boolean undoes) ->
              end.failed(error, undoes, root.held());
          case WalkResult.Parked(ErrorInfo reason) -> RunEnd.parked(reason);
          case WalkResult.Stopped(String why) -> {
            LOG.error("Execution {}: stopped without a reason ({})", state.id(), why);
            yield RunEnd.parked(
                ErrorInfo.of("engine_failure", "Its thread was stopped: " + why, null));
          }
        };
    keepHistory(transition.status() == ExecutionStatus.WAITING);
    return end.commit(
        state.journal().entry(root.held().and(mark), transition),
        refused -> {
          // The database may reject a value only now: the step that produced it has failed then.
          ErrorInfo error = root.refused(refused).error();
          return state.journal().entry(root.held(), end.insteadOf(transition, error, root.held()));
        });
  }

  /** Before the end is committed: the next claim may come at once. */
  private void keepHistory(boolean waits) {
    KeptHistory kept = state.kept();
    if (kept != null && waits && state.claimed().compensation() == null) {
      registry.keptHistories().keep(state.id(), kept);
    }
  }

  // ---- from outside ----

  /** Stops without writing anything: another owner, or another thread, decides what follows. */
  void abandon(String reason) {
    if (state.stay().take(reason)) {
      try {
        root.interrupt();
      } finally {
        if (state.stay().takeIsOver()) {
          depart(null);
        }
      }
    }
  }

  /** The bodies that are running. */
  RunningBodies bodies() {
    return state.bodies();
  }

  /** Shows in the history the bodies that have been running for so many nanoseconds. */
  void showIfLong(long nanos) {
    longBodies.show(nanos);
  }

  /** Whether a signal that is sent to the execution may matter. */
  boolean listens() {
    return state.waits().hasOpen();
  }

  /** The last signal that has been delivered. */
  long lastSignal() {
    return state.waits().last();
  }

  /** Delivers signals that have been sent to the execution. */
  void deliver(List<MailboxStore.Signal> news) {
    if (state.waits().deliver(news)) {
      root.signal();
    }
  }

  // ---- the deadline ----

  /** Ends the execution as timed out: by the database's clock its deadline has passed. */
  private void timeIsUp() {
    if (!state.stay().take("its workflow's timeout is over")) {
      return;
    }
    Transition committed = null;
    try {
      committed = timeout.commit();
    } catch (StoppedError stopped) {
      LOG.debug("Execution {}: {}", state.id(), stopped.getMessage());
    } catch (Throwable bug) {
      LOG.error(
          "Execution {}: the engine failed to write its timeout; it will be freed",
          state.id(),
          bug);
    } finally {
      if (state.stay().takeIsOver()) {
        depart(committed);
      }
    }
  }

  // ---- leaving ----

  /** Leaves this worker. Called once; no failure of one of these keeps the others from running. */
  private void depart(@Nullable Transition transition) {
    End ended = transition == null ? null : ended(transition);
    if (state.kept() != null
        && (transition == null || transition.status() != ExecutionStatus.WAITING)) {
      quietly(() -> registry.keptHistories().drop(state.owner()));
    }
    quietly(deadline::cancel);
    quietly(slot::free);
    quietly(() -> registry.left(this));
    quietly(() -> left.complete(ended));
    if (transition != null) {
      quietly(() -> RunLog.left(state.claimed(), transition));
      Duration wake = transition.wake().in();
      if (wake != null) {
        quietly(() -> registry.dueIn(wake));
      }
    }
    if (ended != null) {
      quietly(() -> registry.announce(state.id(), ended));
      String schedule = state.claimed().schedule();
      if (schedule != null) {
        quietly(() -> registry.scheduledEnded(schedule));
      }
    }
  }

  private void quietly(Runnable work) {
    try {
      work.run();
    } catch (Throwable failure) {
      LOG.error("Execution {}: failed after its end", state.id(), failure);
    }
  }

  private static @Nullable End ended(Transition transition) {
    ExecutionStatus status = transition.status();
    return ExecutionStatus.SETTLED.contains(status)
        ? new End(status, transition.output(), InternalJson.error(transition.error()))
        : null;
  }

  @Override
  public String toString() {
    return "run of " + state;
  }
}
