package dev.durable.internal.engine;

import dev.durable.DurableException;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.node.Slots;
import dev.durable.internal.store.ClaimStore.Claimed;
import dev.durable.internal.store.CompensationLog;
import dev.durable.internal.store.EntryRow;
import dev.durable.internal.store.EventStore;
import dev.durable.internal.store.ExecutionStore.End;
import dev.durable.internal.store.Family;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.Past;
import dev.durable.internal.store.Recorded;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.Transition;
import dev.durable.internal.store.Wake;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
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
  final Waits waits;
  private final List<Recorded> recorded;
  private final Slots.Slot slot;
  private final @Nullable String parkingReason;
  private final CompletableFuture<@Nullable End> left = new CompletableFuture<>();
  private final AtomicBoolean settled = new AtomicBoolean();
  private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();
  private final Strand root = new Strand(this);
  private volatile @Nullable Future<?> deadline;

  Run(
      Engine engine,
      Claimed claimed,
      Workflow<?, ?> workflow,
      Past past,
      Data input,
      @Nullable String parkingReason,
      Slots.Slot slot) {
    this.engine = engine;
    this.claimed = claimed;
    this.workflow = workflow;
    this.recorded = past.rows();
    this.history = new History(recorded);
    this.waits = new Waits(past);
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
    try {
      root.runsHere();
      if (parkingReason != null) {
        throw new ParkedException(ErrorInfo.of(ErrorInfo.DEFINITION_CHANGED, parkingReason, null));
      }
      CompensationLog undone = InternalJson.compensation(claimed.compensation());
      if (undone != null) {
        new Undoing(root, undone.cause(), recorded).toTheEnd();
      } else if (isLate()) {
        checkDeadline();
      } else {
        watchDeadline();
        goForward();
      }
    } catch (ParkedException parked) {
      park(parked.reason());
    } catch (StoppedError stopped) {
      LOG.debug("Execution {} was stopped on this node", claimed.owner().id());
    } catch (RuntimeException | Error bug) {
      LOG.error("Execution {}: the engine failed; it is parked", claimed.owner().id(), bug);
      park(Failures.describe(bug, null));
    }
  }

  private void goForward() throws ParkedException {
    try {
      Data result = new Walk(root).sequence(workflow.root(), "", input);
      leave(new Transition(ExecutionStatus.COMPLETED, result.json(), null, null, Wake.NEVER));
    } catch (Suspension rest) {
      ExecutionStatus status =
          engine.isDraining() && rest.isDue() ? ExecutionStatus.PENDING : ExecutionStatus.WAITING;
      leave(new Transition(status, null, null, rest.path(), rest.wake()));
    } catch (StepFailure failure) {
      leave(failed(failure.error(), true));
    } catch (Jump jump) {
      throw new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
    }
  }

  /** What a failure leads to: the end, or the undoing of what has been done. */
  private Transition failed(ErrorInfo error, boolean undoes) {
    String json = InternalJson.write(error);
    if (!undoes || !Undoing.hasReason(workflow, history)) {
      return new Transition(ExecutionStatus.FAILED, null, json, error.step(), Wake.NEVER);
    }
    return new Transition(
        ExecutionStatus.COMPENSATING,
        null,
        json,
        error.step(),
        Wake.after(Duration.ZERO),
        InternalJson.write(new CompensationLog(error, List.of())));
  }

  // ---- what the walk does ----

  /** Offers rows of history, and what goes with them. */
  CompletableFuture<Void> offer(Held held) {
    return engine.journal().offer(entry(held, null));
  }

  private EntryRow entry(Held held, @Nullable Transition transition) {
    Family family =
        transition == null
            ? Family.NONE
            : new Family(claimed.child(), waits.hasChildren(), waits.isUsed());
    return new EntryRow(
        claimed.owner(), held.rows(), held.forgotten(), held.waits(), transition, family);
  }

  /**
   * Commits the end of this stay, with what is held. Afterwards nothing else of this run is
   * written. That the database refuses a value may only be found out now: then its step has failed.
   */
  void leave(Transition transition) {
    try {
      tryToLeave(transition);
    } catch (RejectedEntryException rejected) {
      tryToLeave(failed(root.refused(rejected).error(), true));
    }
  }

  private void tryToLeave(Transition transition) {
    if (!settle()) {
      throw new StoppedError();
    }
    try {
      CompletableFuture<Void> end = engine.journal().offer(entry(root.held(), transition));
      slot.leaving();
      await(end);
      finish(transition);
    } catch (RejectedEntryException rejected) {
      settled.set(false);
      throw rejected;
    } catch (StoppedError stopped) {
      finish(null);
      throw stopped;
    }
  }

  /** A body begins. */
  void begun(Attempt attempt) {
    attempts.add(attempt);
  }

  /** A body has returned or thrown, or counts no longer. */
  void ended(Attempt attempt) {
    attempts.remove(attempt);
  }

  /** Whether what runs here is still wanted. */
  boolean isStopped() {
    return settled.get();
  }

  // ---- what happens from outside ----

  /** Stops without writing anything: somebody else decides what becomes of the execution. */
  void abandon() {
    if (settle()) {
      root.interrupt();
      finish(null);
    }
  }

  /** Shows bodies that have been running for long in the history. */
  void showIfLong(long nanos) {
    for (Attempt running : attempts) {
      if (running.runsFor(nanos)) {
        show(running);
      }
    }
  }

  private void show(Attempt running) {
    CompletableFuture<Void> committed = new CompletableFuture<>();
    StepRow row = running.show(history, committed);
    if (row != null) {
      offer(Held.of(List.of(row)))
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
    return attempts.stream().anyMatch(running -> !running.isShown() && running.runsFor(nanos));
  }

  /** Whether a body has been running for that long. */
  boolean runsFor(long nanos) {
    return attempts.stream().anyMatch(running -> running.runsFor(nanos));
  }

  /**
   * How long until a suspended part is due, if time lets it go on. A point in time is the
   * database's to judge.
   */
  @Nullable Duration untilDue(Suspension suspended) {
    Duration in = suspended.wake().in();
    if (suspended.wake().at() == null) {
      return in;
    }
    for (Waits.Open wait : waits.within(suspended.path()).values()) {
      if (wait.at() != null) {
        Duration until = engine.untilDue(claimed.owner().id(), wait.seq());
        in = in == null || until.compareTo(in) < 0 ? until : in;
      }
    }
    return in;
  }

  /** Whether it is here and something that is sent to it may matter. */
  boolean listens() {
    return waits.hasOpen();
  }

  /** Something may have been sent. */
  void deliver(List<EventStore.Signal> mailbox) {
    waits.deliver(mailbox);
    root.signal();
  }

  // ---- the end ----

  private boolean settle() {
    return settled.compareAndSet(false, true);
  }

  private void park(ErrorInfo reason) {
    try {
      leave(
          new Transition(
              ExecutionStatus.PARKED, null, InternalJson.write(reason), reason.step(), Wake.NEVER));
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
    if (transition != null && transition.wake().in() != null) {
      engine.dueIn(transition.wake().in());
    }
  }

  private static @Nullable Throwable unwrapped(ExecutionException failure) {
    return failure.getCause() instanceof CompletionException wrapper
        ? wrapper.getCause()
        : failure.getCause();
  }

  private static @Nullable End end(Transition transition) {
    ExecutionStatus status = transition.status();
    return ExecutionStatus.SETTLED.contains(status)
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
      List<StepRow> rows = new ArrayList<>();
      String path = null;
      for (Attempt running : attempts) {
        if (running.takeAway()) {
          path = running.path;
          String error = InternalJson.write(timedOut(path));
          rows.add(running.end(history, StepStatus.FAILED, null, error));
        }
      }
      root.interrupt();
      boolean undoes = workflow.compensatesOn(CompensationTrigger.TIMEOUT);
      leaveFromOutside(rows, failed(timedOut(path), undoes));
    }
  }

  private static ErrorInfo timedOut(@Nullable String path) {
    return ErrorInfo.of(
        ErrorInfo.WORKFLOW_TIMEOUT,
        "The execution did not end within its workflow's timeout.",
        path);
  }

  /** Writes the end of this stay without waiting for it. */
  private void leaveFromOutside(List<StepRow> rows, Transition transition) {
    engine
        .journal()
        .offer(entry(Held.of(rows), transition))
        .whenComplete((done, failure) -> finish(failure == null ? transition : null));
  }

  /**
   * Waits for a commit, whatever interrupts.
   *
   * @return whether the thread was interrupted meanwhile
   * @throws StoppedError if this run is over
   */
  boolean await(CompletableFuture<Void> commit) {
    boolean interrupted = false;
    while (true) {
      try {
        commit.get();
        return interrupted;
      } catch (InterruptedException now) {
        if (left.isDone()) {
          throw new StoppedError();
        }
        interrupted = true;
      } catch (ExecutionException failure) {
        if (unwrapped(failure) instanceof RejectedEntryException rejected) {
          throw rejected;
        }
        // Fenced, or the journal has closed: this run is over either way.
        abandon();
        throw new StoppedError();
      }
    }
  }
}
