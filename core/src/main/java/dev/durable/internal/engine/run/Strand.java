package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WaitChanges;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One line of control of a run: the whole walk, a branch, or an item. Only its own thread calls its
 * methods, except {@link #stop}, {@link #interrupt} and {@link #signal}.
 *
 * <p>The last results are held until the next node is known: before the next body runs they are
 * committed; at the end they share one commit with the end.
 */
public final class Strand {

  private static final String UNWANTED = "Enough of the others had ended, or one had failed.";

  private static final long ENDING_SECONDS = 10;

  private final RunState run;
  private final ReentrantLock lock = new ReentrantLock();
  private Uncommitted held = Uncommitted.NOTHING;
  private @Nullable CompletableFuture<Boolean> ending;
  private @Nullable CompletableFuture<Void> inFlight;
  private volatile @Nullable String stopped;
  private volatile @Nullable Attempt attempt;
  private volatile @Nullable ForkedStrands fork;
  private volatile @Nullable Thread thread;

  private final boolean passing;

  public Strand(RunState run) {
    this(run, false);
  }

  private Strand(RunState run, boolean passing) {
    this.run = run;
    this.passing = passing;
  }

  /** A strand that only finds out how far the history goes: it never comes to a body. */
  public static Strand passing(RunState run) {
    return new Strand(run, true);
  }

  public RunState run() {
    return run;
  }

  /** From here on there is work to do. */
  public void frontier() {
    if (passing) {
      throw new Frontier();
    }
  }

  /** From now on the current thread walks this strand. */
  public void runsHere() {
    thread = Thread.currentThread();
    requireWanted();
  }

  // ---- stopping ----

  /** Whether its work is no longer needed. */
  public boolean isStopped() {
    return stopped != null || run.isStopped();
  }

  /** The error that unwinds its thread. */
  public StoppedError stoppedError() {
    return run.stoppedError(stopped);
  }

  /**
   * Checks that the strand has not been stopped.
   *
   * @throws StoppedError if its work is no longer needed
   */
  public void requireWanted() {
    if (isStopped()) {
      throw stoppedError();
    }
  }

  /**
   * Stops it and everything below it, without waiting for bodies that do not listen. Rows that have
   * been offered to the journal count, and their fate is known when this returns; a body that has
   * ended counts as well.
   *
   * @return the changes that are still to be committed, with the rows of stopped attempts
   */
  public Uncommitted stop() {
    CompletableFuture<Void> offered;
    CompletableFuture<Boolean> ends;
    lock.lock();
    try {
      stopped = UNWANTED;
      offered = inFlight;
      ends = ending;
    } finally {
      lock.unlock();
    }
    Attempt running = attempt;
    if (ends != null && running != null) {
      awaitEnd(running, ends);
    }
    if (offered != null) {
      offered.handle((done, failure) -> null).join();
    }
    Uncommitted kept = Uncommitted.NOTHING;
    if (hasTaken()) {
      // Signals that were sent to a wait that has lost are there for others.
      forgo(true);
    } else {
      kept = release(true).withoutWaiting();
    }
    ForkedStrands below = fork;
    if (below != null) {
      kept = kept.and(below.stop());
    }
    if (running != null && running.takeAway()) {
      running.interrupt();
      run.bodies().ended(running);
      running.forgetTentative(run.waits());
      String error =
          InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, UNWANTED, running.path()));
      StepRow row = running.end(run.history(), StepStatus.CANCELLED, null, error);
      kept = kept.and(Uncommitted.of(List.of(row)));
    }
    interruptThread(running);
    return kept;
  }

  /** Its result is being written, or its transaction committed. That takes no body's time. */
  private void awaitEnd(Attempt ended, CompletableFuture<Boolean> ends) {
    boolean known = ends.copy().completeOnTimeout(false, ENDING_SECONDS, TimeUnit.SECONDS).join();
    if (!known) {
      run.history().mayComplete(ended.path());
    }
  }

  private void interruptThread(@Nullable Attempt running) {
    Thread own = thread;
    if (own != null && (running == null || !running.isInterruptedOn(own))) {
      own.interrupt();
    }
  }

  /** Interrupts it and everything below it: the run is over. */
  public void interrupt() {
    ForkedStrands below = fork;
    if (below != null) {
      below.interrupt();
    }
    Attempt running = attempt;
    if (running != null && running.isOpen()) {
      running.interrupt();
    }
    interruptThread(running);
  }

  // ---- strands below ----

  /** From now on others run below it. */
  public void forks(ForkedStrands below) {
    fork = below;
    requireWanted();
  }

  /** No strand runs below it any more. */
  public void joins() {
    fork = null;
  }

  /** A signal was sent to the execution: waits below look again. */
  public void signal() {
    ForkedStrands below = fork;
    if (below != null) {
      below.signal();
    }
  }

  // ---- attempts ----

  /** The body of this attempt begins. */
  public void begin(Attempt begun) {
    attempt = begun;
    run.bodies().begun(begun);
    if (isStopped()) {
      run.bodies().ended(begun);
      throw stoppedError();
    }
  }

  /**
   * The body of this attempt has returned or thrown.
   *
   * @throws StoppedError if that no longer counts
   */
  public void end(Attempt ended) {
    boolean counts = ends(ended);
    if (counts && (ended.suspension() != null || ended.parked() != null)) {
      // The body has caught the error that was to end it.
      throw new SuspendedError();
    }
    leave(ended, counts);
    closeWaits(ended.path(), Set.of());
  }

  /**
   * The body of this attempt has been left.
   *
   * @throws StoppedError if that no longer counts
   */
  public void leave(Attempt ended) {
    leave(ended, ends(ended));
  }

  private void leave(Attempt ended, boolean counts) {
    if (counts || !run.isStopped()) {
      run.bodies().ended(ended);
    }
    // A body may leave its thread interrupted; that must not disturb the engine.
    Thread.interrupted();
    if (!counts) {
      throw stoppedError();
    }
    hold(ended.uncommitted());
  }

  /**
   * Decides whether the end of a body counts. If it does, a thread that stops this strand waits
   * until the result of the body is held or committed; if not, the attempt is left to that thread.
   */
  private boolean ends(Attempt ended) {
    return locked(
        () -> {
          boolean counts = !isStopped() && ended.over();
          if (counts && ending == null) {
            ending = new CompletableFuture<>();
          }
          return counts;
        });
  }

  /** The result of a body that has ended is held or committed, or there is none. */
  public void settled() {
    locked(
        () -> {
          if (ending != null) {
            ending.complete(true);
            ending = null;
          }
          return true;
        });
  }

  private <T> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Commits pending rows before the next body runs. A draining worker suspends instead, leaving
   * that body to another worker.
   */
  public void flush(String next) throws StepFailure, Suspension {
    frontier();
    requireWanted();
    if (run.isDraining()) {
      throw new Suspension(Duration.ZERO, next);
    }
    commit();
  }

  // ---- rows ----

  /** Holds a row, to be committed together with the next ones. */
  public void hold(StepRow row) {
    hold(Uncommitted.of(List.of(row)));
  }

  /** Holds changes, to be committed together with the next ones. */
  public void hold(Uncommitted more) {
    locked(() -> held = held.and(more));
  }

  /** Removes rows from the history, together with the next commit. */
  public void forget(List<Integer> places) {
    if (!places.isEmpty()) {
      hold(new Uncommitted(List.of(), places, WaitChanges.NONE));
    }
  }

  /** The changes that are held. */
  public Uncommitted held() {
    return locked(() -> held);
  }

  /** Gives held changes away; those of a stopped strand are with the thread that stopped it. */
  public Uncommitted release() {
    return release(stopped == null);
  }

  private Uncommitted release(boolean given) {
    return locked(
        () -> {
          Uncommitted all = given ? held : Uncommitted.NOTHING;
          held = given ? Uncommitted.NOTHING : held;
          return all;
        });
  }

  /** Closes all waits at a path or below it: their outcome is no longer needed. */
  public void closeWaits(String path) {
    hold(ClosedWaits.within(run.waits(), path));
  }

  /**
   * Closes the waits of a body that it did not ask for when it was last entered.
   *
   * @param kept the paths of the waits that it asked for
   */
  public void closeWaits(String path, Set<String> kept) {
    hold(ClosedWaits.forgotten(run.waits(), path, kept));
  }

  /** Whether held changes say that its last body received signals. */
  public boolean hasTaken() {
    Attempt last = attempt;
    return last != null && last.hasTaken();
  }

  /** Discards held changes: signals that its body received are there for others. */
  public void forgo() {
    if (stopped == null) {
      forgo(true);
    }
  }

  private void forgo(boolean given) {
    release(given);
    Attempt last = attempt;
    if (last != null) {
      last.forgetTentative(run.waits());
    }
  }

  /** Commits held changes, and these rows. */
  public void commit(StepRow... more) throws StepFailure {
    hold(Uncommitted.of(List.of(more)));
    Uncommitted all = held();
    if (all.isEmpty()) {
      return;
    }
    try {
      commit(all);
    } catch (RejectedEntryException rejected) {
      hold(all);
      throw refused(rejected);
    }
  }

  private void commit(Uncommitted changes) {
    CompletableFuture<Void> offered;
    lock.lock();
    try {
      if (stopped != null) {
        throw stoppedError();
      }
      offered = run.journal().offer(changes);
      inFlight = offered;
      held = Uncommitted.NOTHING;
    } finally {
      lock.unlock();
    }
    run.journal().await(offered);
  }

  /**
   * The database refused held changes: the step that produced the refused value has failed, and
   * would again. Its row is now held as a failure; those before it have been committed one by one.
   */
  public StepFailure refused(RejectedEntryException rejected) {
    for (Uncommitted part : RejectedRows.parts(release())) {
      try {
        if (!part.isEmpty()) {
          commit(part);
        }
      } catch (RejectedEntryException alone) {
        return refused(part, alone);
      }
    }
    return new StepFailure(RejectedRows.describe(rejected, null));
  }

  private StepFailure refused(Uncommitted part, RejectedEntryException rejected) {
    if (part.rows().isEmpty()) {
      return new StepFailure(RejectedRows.describe(rejected, null));
    }
    StepRow row = part.rows().getFirst();
    if (row.type().isWait()) {
      part.rows().forEach(wait -> run.waits().closed(wait.path()));
    }
    ErrorInfo error = RejectedRows.describe(rejected, row.path());
    hold(RejectedRows.failed(row, error));
    return new StepFailure(error);
  }

  @Override
  public String toString() {
    Attempt last = attempt;
    String reason = stopped;
    return "strand of "
        + run
        + (last == null ? "" : " at " + last)
        + (reason == null ? "" : ", stopped: " + reason)
        + (fork == null ? "" : ", forked");
  }
}
