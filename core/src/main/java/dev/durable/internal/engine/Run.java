package dev.durable.internal.engine;

import dev.durable.DurableException;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.node.Slots;
import dev.durable.internal.store.ClaimStore.Claimed;
import dev.durable.internal.store.EntryRow;
import dev.durable.internal.store.ExecutionStore.End;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.Transition;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stay of an execution on this node: from its claim until it ends, waits, is parked or is taken
 * away. It walks the definition on a virtual thread of its own.
 *
 * <p>Who ends it? The walk, a timer, or somebody from outside: whoever first wins {@link #settle}.
 * The others stop, and what they had is thrown away.
 */
final class Run implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Run.class);
  private static final Duration DEADLINE_RECHECK = Duration.ofMillis(10);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  final Engine engine;
  final Claimed claimed;
  final Workflow<?, ?> workflow;
  final History history;
  final Data input;
  private final Slots.Slot slot;
  private final @Nullable String parkingReason;
  private final CompletableFuture<@Nullable End> left = new CompletableFuture<>();
  private final AtomicBoolean settled = new AtomicBoolean();
  private final AtomicReference<@Nullable Attempt> attempt = new AtomicReference<>();
  private volatile @Nullable Thread thread;
  private volatile @Nullable Future<?> deadline;

  Run(
      Engine engine,
      Claimed claimed,
      Workflow<?, ?> workflow,
      History history,
      Data input,
      @Nullable String parkingReason,
      Slots.Slot slot) {
    this.engine = engine;
    this.claimed = claimed;
    this.workflow = workflow;
    this.history = history;
    this.input = input;
    this.parkingReason = parkingReason;
    this.slot = slot;
  }

  /** How the execution ended, once it has left this node; null if it left without an end. */
  CompletableFuture<@Nullable End> left() {
    return left;
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      if (parkingReason != null) {
        throw new ParkedException(ErrorInfo.of(ErrorInfo.DEFINITION_CHANGED, parkingReason, null));
      }
      if (isLate()) {
        checkDeadline();
        return;
      }
      watchDeadline();
      new Walk(this).toTheEnd();
    } catch (ParkedException parked) {
      park(parked.reason());
    } catch (StoppedError stopped) {
      LOG.debug("Execution {} was stopped on this node", claimed.owner().id());
    } catch (RuntimeException | Error bug) {
      LOG.error("Execution {}: the engine failed; it is parked", claimed.owner().id(), bug);
      park(Failures.describe(bug, null));
    }
  }

  // ---- what the walk does ----

  /** Commits a row of history and goes on. */
  void commit(StepRow row) {
    await(engine.journal().offer(new EntryRow(claimed.owner(), row, null)));
  }

  /** Commits the end of this stay. Afterwards nothing else of this run is written. */
  void leave(@Nullable StepRow row, Transition transition) {
    if (!settle()) {
      throw new StoppedError();
    }
    try {
      await(engine.journal().offer(new EntryRow(claimed.owner(), row, transition)));
      finish(transition);
    } catch (RejectedEntryException rejected) {
      settled.set(false);
      throw rejected;
    } catch (StoppedError stopped) {
      finish(null);
      throw stopped;
    }
  }

  /** The body of this attempt begins. */
  void begin(Attempt begun) {
    attempt.set(begun);
    if (settled.get()) {
      throw new StoppedError();
    }
  }

  /**
   * The body of this attempt has returned or thrown.
   *
   * @throws StoppedError if its outcome was decided elsewhere: by a timeout, a cancel, a lost lease
   */
  void end(Attempt ended) {
    if (ended.isOver()) {
      return;
    }
    ended.over();
    boolean ours = attempt.compareAndSet(ended, null);
    // A body may leave its thread interrupted; that must not disturb the engine.
    Thread.interrupted();
    if (!ours) {
      throw new StoppedError();
    }
  }

  /** Whether what runs here is still wanted. */
  boolean isStopped() {
    return settled.get();
  }

  // ---- what happens from outside ----

  /** The attempt's time is up: if nothing else has been decided, its failure is written. */
  void timeOut(Attempt late, Runnable failure) {
    if (attempt.compareAndSet(late, null) && settle()) {
      interrupt();
      failure.run();
    }
  }

  /**
   * Writes the end of this stay without waiting for it; for those who have settled it from outside.
   */
  void leaveFromOutside(@Nullable StepRow row, Transition transition) {
    engine
        .journal()
        .offer(new EntryRow(claimed.owner(), row, transition))
        .whenComplete((done, failure) -> finish(failure == null ? transition : null));
  }

  /** Stops without writing anything: somebody else decides what becomes of the execution. */
  void abandon() {
    if (settle()) {
      attempt.set(null);
      interrupt();
      finish(null);
    }
  }

  /** Shows a body that has been running for long in the history. */
  void showIfLong(long nanos) {
    Attempt running = attempt.get();
    if (running == null || !running.runsFor(nanos)) {
      return;
    }
    CompletableFuture<Void> committed = new CompletableFuture<>();
    StepRow row = running.show(history, committed);
    if (row != null) {
      engine
          .journal()
          .offer(new EntryRow(claimed.owner(), row, null))
          .whenComplete(
              (done, failure) -> {
                if (failure instanceof FencedException) {
                  abandon();
                }
                committed.complete(null);
              });
    }
  }

  /** Whether a body has been running for that long without being shown. */
  boolean isHiddenFor(long nanos) {
    Attempt running = attempt.get();
    return running != null && !running.isShown() && running.runsFor(nanos);
  }

  /** Whether a body has been running for that long. */
  boolean runsFor(long nanos) {
    Attempt running = attempt.get();
    return running != null && running.runsFor(nanos);
  }

  // ---- the end ----

  private boolean settle() {
    return settled.compareAndSet(false, true);
  }

  private void park(ErrorInfo reason) {
    try {
      leave(
          null,
          new Transition(
              ExecutionStatus.PARKED, null, InternalJson.write(reason), reason.step(), null));
      LOG.warn("Execution {} is parked: {}", claimed.owner().id(), reason.message());
    } catch (StoppedError stopped) {
      LOG.debug("Execution {} was stopped before it was parked", claimed.owner().id());
    }
  }

  private void finish(@Nullable Transition transition) {
    Future<?> watching = deadline;
    if (watching != null) {
      watching.cancel(false);
    }
    slot.free();
    engine.left(this);
    End end = transition == null ? null : end(transition);
    left.complete(end);
    if (end != null) {
      engine.announce(claimed.owner().id(), end);
    }
    if (transition != null && transition.wakeIn() != null) {
      engine.dueIn(transition.wakeIn());
    }
  }

  private static @Nullable End end(Transition transition) {
    ExecutionStatus status = transition.status();
    return status.isFinal() || status == ExecutionStatus.PARKED
        ? new End(status, transition.output(), InternalJson.error(transition.error()))
        : null;
  }

  /** Whether its deadline had passed when it was claimed: then no body runs any more. */
  private boolean isLate() {
    Duration remaining = claimed.remaining();
    return remaining != null && (remaining.isNegative() || remaining.isZero());
  }

  private void watchDeadline() {
    Duration remaining = claimed.remaining();
    if (remaining != null) {
      deadline = engine.after(remaining, this::checkDeadline);
    }
  }

  /** Our clock says that the deadline has passed; the database's decides. */
  private void checkDeadline() {
    if (settled.get()) {
      return;
    }
    try {
      if (!engine.isOverdue(claimed.owner().id())) {
        deadline = engine.after(DEADLINE_RECHECK, this::checkDeadline);
        return;
      }
    } catch (DurableException unreachable) {
      deadline = engine.after(AFTER_FAILURE, this::checkDeadline);
      return;
    }
    if (settle()) {
      Attempt running = attempt.getAndSet(null);
      interrupt();
      String path = running == null ? null : running.path;
      String error =
          InternalJson.write(
              ErrorInfo.of(
                  ErrorInfo.WORKFLOW_TIMEOUT,
                  "The execution did not end within its workflow's timeout.",
                  path));
      StepRow row = running == null ? null : running.end(history, StepStatus.FAILED, null, error);
      leaveFromOutside(row, new Transition(ExecutionStatus.FAILED, null, error, path, null));
    }
  }

  private void interrupt() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  /** Waits for a commit. An interrupt counts only if this run has been stopped. */
  private void await(CompletableFuture<Void> commit) {
    boolean interrupted = false;
    while (true) {
      try {
        commit.get();
        if (interrupted && attempt.get() != null) {
          // It was meant for the body.
          Thread.currentThread().interrupt();
        }
        return;
      } catch (InterruptedException now) {
        if (left.isDone()) {
          throw new StoppedError();
        }
        interrupted = true;
      } catch (ExecutionException failure) {
        if (failure.getCause() instanceof RejectedEntryException rejected) {
          throw rejected;
        }
        // Fenced, or the journal has closed: this run is over either way.
        abandon();
        throw new StoppedError();
      }
    }
  }
}
