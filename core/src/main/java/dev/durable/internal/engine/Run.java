package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.Claimed;
import dev.durable.internal.store.ClaimedHistory;
import dev.durable.internal.store.CompensationLog;
import dev.durable.internal.store.DeadlineError;
import dev.durable.internal.store.Entry;
import dev.durable.internal.store.ExecutionLinks;
import dev.durable.internal.store.ExecutionStore.End;
import dev.durable.internal.store.HistoryRow;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.KeptHistories;
import dev.durable.internal.store.KeptHistory;
import dev.durable.internal.store.MailboxStore;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.Transition;
import dev.durable.internal.store.WakeCondition;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.worker.Slots;
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
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Runs an execution on this worker, from its claim until it ends, waits, is parked or is taken
 * away. It walks the definition on a virtual thread of its own; {@link Stay} decides who ends that.
 */
final class Run implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Run.class);
  private static final String NOT_OURS = "its execution belongs to another run";
  private static final int MOST_BODIES = 100;
  private static final Duration AFTER_REFUSALS = Duration.ofSeconds(10);

  final Engine engine;
  final Claimed claimed;
  final Workflow<?, ?> workflow;
  final History history;
  final JsonValue input;
  final OpenWaits waits;
  final RetryPauses pauses = new RetryPauses();

  /** Of one execution so many bodies run at once: it must not take all that its worker has. */
  final Semaphore bodies = new Semaphore(MOST_BODIES);

  private final List<HistoryRow> recorded;
  private final @Nullable KeptHistory kept;
  private final Slots.Slot slot;
  private final @Nullable String parkingReason;
  private final CompletableFuture<@Nullable End> left = new CompletableFuture<>();
  private final Stay stay = new Stay();
  private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();
  private final Strand root = new Strand(this);
  private final Deadline deadline = new Deadline(this);

  Run(
      Engine engine,
      Claimed claimed,
      Workflow<?, ?> workflow,
      ClaimedHistory past,
      JsonValue input,
      @Nullable String parkingReason,
      Slots.Slot slot) {
    this.engine = engine;
    this.claimed = claimed;
    this.workflow = workflow;
    this.recorded = past.rows();
    this.kept = KeptHistories.isWorth(past) ? new KeptHistory(claimed.owner().token(), past) : null;
    this.history = new History(recorded);
    this.waits = new OpenWaits(past);
    this.input = input;
    this.parkingReason = parkingReason;
    this.slot = slot;
  }

  /** How the execution ended, once it has left this worker; null if it left without an end. */
  CompletableFuture<@Nullable End> left() {
    return left;
  }

  /**
   * Walks, commits what that has come to, and goes; nothing of it is left undone by a throwable.
   */
  @Override
  public void run() {
    Transition committed = null;
    try {
      committed = leave(walk());
    } catch (StoppedError stopped) {
      LOG.debug("Execution {}: {}", claimed.owner().id(), stopped.getMessage());
    } catch (Throwable bug) {
      LOG.error(
          "Execution {}: the engine failed to write its end; it will be freed",
          claimed.owner().id(),
          bug);
    } finally {
      if (stay.walkIsOver()) {
        depart(committed);
      }
    }
  }

  private Outcome walk() {
    try {
      root.runsHere();
      if (parkingReason != null) {
        return new Outcome.Parked(ErrorInfo.of(ErrorInfo.DEFINITION_CHANGED, parkingReason, null));
      }
      CompensationLog undone = InternalJson.compensation(claimed.compensation());
      if (undone != null) {
        return new CompensationRunner(root, undone, recorded).toTheEnd();
      }
      Duration remaining = claimed.remaining();
      if (remaining != null && !remaining.isPositive()) {
        return new Outcome.Failed(timedOut(null), undoesTimeouts());
      }
      if (remaining != null) {
        deadline.watch(remaining);
      }
      return goForward();
    } catch (ParkedException parked) {
      return new Outcome.Parked(parked.reason());
    } catch (StoppedError stopped) {
      return new Outcome.Stopped(String.valueOf(stopped.getMessage()));
    } catch (Throwable bug) {
      LOG.error("Execution {}: the engine failed; it is to be parked", claimed.owner().id(), bug);
      return new Outcome.Parked(Failures.describe(bug, null));
    }
  }

  private Outcome goForward() throws ParkedException {
    try {
      JsonValue result = new Walk(root).sequence(workflow.root(), NodePath.ROOT, input);
      return new Outcome.Done(
          new Transition(
              ExecutionStatus.COMPLETED, result.json(), null, null, WakeCondition.NEVER));
    } catch (Suspension rest) {
      ExecutionStatus status =
          engine.isDraining() && rest.isDue() ? ExecutionStatus.PENDING : ExecutionStatus.WAITING;
      return new Outcome.Waits(new Transition(status, null, null, rest.path(), rest.wake()));
    } catch (StepFailure failure) {
      return new Outcome.Failed(failure.error(), true);
    } catch (Jump jump) {
      throw new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
    }
  }

  // ---- what the walk does ----

  /** Offers rows of history, and what goes with them; the history knows them once committed. */
  CompletableFuture<Void> offer(Uncommitted held) {
    history.offered(held.rows());
    CompletableFuture<Void> decided = new CompletableFuture<>();
    engine
        .journal()
        .offer(entry(held, null))
        .whenComplete(
            (done, failure) -> {
              history.decided(held.rows(), failure == null);
              if (failure == null) {
                decided.complete(null);
              } else {
                decided.completeExceptionally(failure);
              }
            });
    return decided;
  }

  private Entry entry(Uncommitted held, @Nullable Transition transition) {
    ExecutionLinks family =
        transition == null
            ? ExecutionLinks.NONE
            : new ExecutionLinks(claimed.child(), mayHaveChildren(), waits.isUsed());
    Entry entry =
        new Entry(claimed.owner(), held.rows(), held.forgotten(), held.waits(), transition, family);
    if (kept != null) {
      kept.changes(entry);
    }
    return entry;
  }

  /** The rounds of a repeat that are forgotten may have started some. */
  private boolean mayHaveChildren() {
    return waits.hasChildren() || history.hasRounds();
  }

  /** A body begins. */
  void begun(Attempt attempt) {
    attempts.add(attempt);
  }

  /** A body has returned or thrown, or counts no longer. */
  void ended(Attempt attempt) {
    attempts.remove(attempt);
  }

  /** Whether what runs here is no longer wanted. */
  boolean isStopped() {
    return !stay.isWalking();
  }

  /**
   * What unwinds a thread of this run.
   *
   * @param why why, if not because the whole run was stopped
   */
  StoppedError stoppedError(@Nullable String why) {
    return stay.stopped(why);
  }

  // ---- what happens from outside ----

  /** Stops without writing anything: what becomes of the execution is decided elsewhere. */
  void abandon(String reason) {
    if (stay.take(reason)) {
      try {
        root.interrupt();
      } finally {
        if (stay.takeIsOver()) {
          depart(null);
        }
      }
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
    Attempt.Showing showing = running.show(history);
    if (showing == null) {
      return;
    }
    try {
      offer(Uncommitted.of(List.of(showing.row())))
          .whenComplete(
              (done, failure) -> {
                // An end that came first keeps it out, too, and asks by itself whose run it is.
                if (failure instanceof FencedException && running.isShown()) {
                  abandon(NOT_OURS);
                }
                showing.stored().complete(failure == null);
              });
    } catch (Throwable failure) {
      showing.stored().complete(false);
      throw failure;
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

  /** Whether this thread runs one of its bodies. */
  boolean isOn(Thread thread) {
    return attempts.stream().anyMatch(running -> running.isOn(thread));
  }

  /**
   * How long until a suspended part is due, if time lets it go on. A point in time is the
   * database's to judge; if it does not answer, the part asks again itself.
   */
  @Nullable Duration untilDue(Suspension suspended) {
    Duration in = suspended.wake().in();
    if (suspended.wake().at() == null) {
      return in;
    }
    try {
      for (OpenWaits.Open wait : waits.within(suspended.path()).values()) {
        if (wait.at() != null) {
          Duration until = engine.untilDue(claimed.owner().id(), wait.seq());
          in = in == null || until.compareTo(in) < 0 ? until : in;
        }
      }
      return in;
    } catch (Throwable unanswered) {
      Duration pause =
          pauses.next("ask when execution " + claimed.owner().id() + " is due", unanswered);
      return in == null || pause.compareTo(in) < 0 ? pause : in;
    }
  }

  /** Whether it is here and something that is sent to it may matter. */
  boolean listens() {
    return waits.hasOpen();
  }

  /** This has been sent to it. */
  void deliver(List<MailboxStore.Signal> news) {
    if (waits.deliver(news)) {
      root.signal();
    }
  }

  /** The deadline has passed, by the database's clock. */
  void timeIsUp() {
    if (!stay.take("its workflow's timeout is over")) {
      return;
    }
    Transition committed = null;
    try {
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
      // What has been completed meanwhile counts: it may have to be undone.
      Uncommitted kept = root.stop();
      Transition failed = failed(timedOut(path), undoesTimeouts(), kept);
      committed =
          commit(
              entry(Uncommitted.of(rows).and(kept), failed),
              refused -> entry(Uncommitted.NOTHING, failed));
    } catch (StoppedError stopped) {
      LOG.debug("Execution {}: {}", claimed.owner().id(), stopped.getMessage());
    } catch (Throwable bug) {
      LOG.error(
          "Execution {}: the engine failed to write its timeout; it will be freed",
          claimed.owner().id(),
          bug);
    } finally {
      if (stay.takeIsOver()) {
        depart(committed);
      }
    }
  }

  private boolean undoesTimeouts() {
    return workflow.compensatesOn(CompensationTrigger.TIMEOUT);
  }

  /**
   * @param path the step whose body runs, or null
   */
  private ErrorInfo timedOut(@Nullable String path) {
    return DeadlineError.of(path == null ? place() : path, history.lastFailure());
  }

  /** Where it rests, or has failed last, as far as that is known. */
  private @Nullable String place() {
    String waits = this.waits.first();
    ErrorInfo last = history.lastFailure();
    return waits == null && last != null ? last.step() : waits;
  }

  // ---- the end ----

  /** Commits how the walk ended; null if the stay was taken from it before, or is fenced. */
  private @Nullable Transition leave(Outcome outcome) {
    if (!stay.leave()) {
      return null;
    }
    Transition transition =
        switch (outcome) {
          case Outcome.Done(Transition end) -> end;
          case Outcome.Waits(Transition rest) -> rest;
          case Outcome.Failed(ErrorInfo error, boolean undoes) ->
              failed(error, undoes, root.held());
          case Outcome.Parked(ErrorInfo reason) -> parked(reason);
          case Outcome.Stopped(String why) -> {
            LOG.error("Execution {}: stopped without a reason ({})", claimed.owner().id(), why);
            yield parked(ErrorInfo.of("engine_failure", "Its thread was stopped: " + why, null));
          }
        };
    keepsHistory(outcome instanceof Outcome.Waits);
    return commit(
        entry(root.held(), transition),
        refused -> {
          // The value that the database refuses is that of a step, which has failed now.
          ErrorInfo error = root.refused(refused).error();
          return entry(root.held(), instead(transition, error));
        });
  }

  /** Before it is committed: the next claim may come at once. */
  private void keepsHistory(boolean rests) {
    if (kept != null && rests && claimed.compensation() == null) {
      engine.keptHistories().keep(claimed.owner().id(), kept);
    }
  }

  private Transition instead(Transition refused, ErrorInfo error) {
    if (refused.status() == ExecutionStatus.PARKED) {
      return refused;
    }
    return claimed.compensation() == null ? failed(error, true, root.held()) : parked(error);
  }

  /** What a failure leads to: the end, or the undoing of what has been done. */
  private Transition failed(ErrorInfo error, boolean undoes, Uncommitted held) {
    String json = InternalJson.write(error);
    if (!undoes || !CompensationRunner.hasReason(workflow, history, held)) {
      return new Transition(ExecutionStatus.FAILED, null, json, error.step(), WakeCondition.NEVER);
    }
    return new Transition(
        ExecutionStatus.COMPENSATING,
        null,
        json,
        error.step(),
        WakeCondition.after(Duration.ZERO),
        InternalJson.write(CompensationLog.because(error)));
  }

  private static Transition parked(ErrorInfo reason) {
    return new Transition(
        ExecutionStatus.PARKED,
        null,
        InternalJson.write(reason),
        reason.step(),
        WakeCondition.NEVER);
  }

  /**
   * Commits the end of this stay; whatever the database refuses is left out, at last everything.
   *
   * @param second what is tried if the first is refused
   * @return what has been committed; null if nothing was
   * @throws StoppedError if the execution belongs to another run
   */
  private @Nullable Transition commit(Entry first, Function<RejectedEntryException, Entry> second) {
    Entry entry = first;
    for (int refusals = 1; ; refusals++) {
      try {
        CompletableFuture<Void> end = engine.journal().offer(entry);
        slot.leaving();
        await(end);
        return entry.transition();
      } catch (RejectedEntryException refused) {
        LOG.atLevel(refusals == 1 ? Level.DEBUG : Level.ERROR)
            .log(
                "Execution {}: its end is refused: {}", claimed.owner().id(), refused.getMessage());
        switch (refusals) {
          case 1 -> entry = second.apply(refused);
          case 2 -> entry = entry(Uncommitted.NOTHING, parked(refusedTwice()));
          case 3 -> entry = entry(Uncommitted.NOTHING, released());
          default -> {
            return null;
          }
        }
      }
    }
  }

  private static ErrorInfo refusedTwice() {
    return ErrorInfo.of(
        "end_refused",
        "The database refused to store how it went on, and the failure as well; see the log.",
        null);
  }

  private Transition released() {
    ExecutionStatus status =
        claimed.compensation() == null ? ExecutionStatus.PENDING : ExecutionStatus.COMPENSATING;
    return new Transition(status, null, null, null, WakeCondition.after(AFTER_REFUSALS));
  }

  /** It is gone. Called once; none of these may keep the others from being done. */
  private void depart(@Nullable Transition transition) {
    End end = transition == null ? null : end(transition);
    if (kept != null && (transition == null || transition.status() != ExecutionStatus.WAITING)) {
      quietly(() -> engine.keptHistories().drop(claimed.owner()));
    }
    quietly(deadline::cancel);
    quietly(slot::free);
    quietly(() -> engine.left(this));
    quietly(() -> left.complete(end));
    if (transition != null) {
      quietly(() -> RunLog.left(claimed, transition));
      Duration wake = transition.wake().in();
      if (wake != null) {
        quietly(() -> engine.dueIn(wake));
      }
    }
    if (end != null) {
      quietly(() -> engine.announce(claimed.owner().id(), end));
    }
  }

  private void quietly(Runnable work) {
    try {
      work.run();
    } catch (Throwable failure) {
      LOG.error("Execution {}: failed after its end", claimed.owner().id(), failure);
    }
  }

  private static @Nullable End end(Transition transition) {
    ExecutionStatus status = transition.status();
    return ExecutionStatus.SETTLED.contains(status)
        ? new End(status, transition.output(), InternalJson.error(transition.error()))
        : null;
  }

  /**
   * Waits for a commit. An interrupt only wakes: whether it means something is to be looked up.
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
        if (stay.isGone()) {
          throw stay.stopped(null);
        }
        interrupted = true;
      } catch (ExecutionException failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof RejectedEntryException rejected) {
          throw rejected;
        }
        String why = cause instanceof FencedException ? NOT_OURS : String.valueOf(cause);
        abandon(why);
        throw stay.stopped(why);
      }
    }
  }

  private static @Nullable Throwable unwrapped(ExecutionException failure) {
    return failure.getCause() instanceof CompletionException wrapper
        ? wrapper.getCause()
        : failure.getCause();
  }
}
