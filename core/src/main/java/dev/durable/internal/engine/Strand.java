package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.WaitChanges;
import dev.durable.internal.text.StorableText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One line of control of a run: the whole walk, a branch, or an item. Everything but {@link #stop}
 * is for its own thread.
 *
 * <p>The last results are held back until it is known what follows: before the next body runs they
 * are committed; at the end they share one commit with the end.
 */
final class Strand {

  private static final String UNWANTED = "Enough of the others had ended, or one had failed.";

  private static final long ENDING_SECONDS = 10;

  final Run run;
  private final ReentrantLock lock = new ReentrantLock();
  private Uncommitted held = Uncommitted.NOTHING;
  private @Nullable CompletableFuture<Boolean> ending;
  private @Nullable CompletableFuture<Void> inFlight;
  private volatile @Nullable String stopped;
  private volatile @Nullable Attempt attempt;
  private volatile @Nullable Fork fork;
  private volatile @Nullable Thread thread;

  private final boolean passing;

  Strand(Run run) {
    this(run, false);
  }

  private Strand(Run run, boolean passing) {
    this.run = run;
    this.passing = passing;
  }

  /** A strand that only finds out how far the history goes: it never comes to a body. */
  static Strand passing(Run run) {
    return new Strand(run, true);
  }

  /** A passing strand has come to what is still to be done. */
  static final class Frontier extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Frontier() {
      super("the frontier", null, false, false);
    }
  }

  /** From here on there is something to do. */
  void frontier() {
    if (passing) {
      throw new Frontier();
    }
  }

  /** It is walked by this thread from now on. */
  void runsHere() {
    thread = Thread.currentThread();
    requireWanted();
  }

  /** Whether its work is no longer wanted. */
  boolean isStopped() {
    return stopped != null || run.isStopped();
  }

  /** What unwinds its thread. */
  StoppedError stoppedError() {
    return run.stoppedError(stopped);
  }

  /**
   * @throws StoppedError if its work is no longer wanted
   */
  void requireWanted() {
    if (isStopped()) {
      throw stoppedError();
    }
  }

  /**
   * Stops it and everything below it, without waiting for bodies that do not listen. What has been
   * offered to the journal counts, and its fate is known when this returns; a body that has come to
   * its end counts as well.
   *
   * @return what is still to be committed of it, and the rows that say so
   */
  Uncommitted stop() {
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
      // What was sent to a wait that has lost is there for others.
      forgo(true);
    } else {
      kept = release(true).withoutWaiting();
    }
    Fork below = fork;
    if (below != null) {
      kept = kept.and(below.stop());
    }
    if (running != null && running.takeAway()) {
      running.interrupt();
      run.ended(running);
      running.forgetTentative(run.waits);
      String error = InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, UNWANTED, running.path));
      StepRow row = running.end(run.history, StepStatus.CANCELLED, null, error);
      kept = kept.and(Uncommitted.of(List.of(row)));
    }
    Thread own = thread;
    if (own != null && (running == null || !running.isInterruptedOn(own))) {
      own.interrupt();
    }
    return kept;
  }

  /** Its result is being written, or its transaction committed. That takes no body's time. */
  private void awaitEnd(Attempt ended, CompletableFuture<Boolean> ends) {
    boolean known = ends.copy().completeOnTimeout(false, ENDING_SECONDS, TimeUnit.SECONDS).join();
    if (!known) {
      run.history.mayComplete(ended.path);
    }
  }

  /** From now on others run below it. */
  void forks(Fork below) {
    fork = below;
    requireWanted();
  }

  /** Nothing runs below it any more. */
  void joins() {
    fork = null;
  }

  /** Interrupts it and everything below it: the run is over. */
  void interrupt() {
    Fork below = fork;
    if (below != null) {
      below.interrupt();
    }
    Attempt running = attempt;
    if (running != null && running.isOpen()) {
      running.interrupt();
    }
    Thread own = thread;
    if (own != null && (running == null || !running.isInterruptedOn(own))) {
      own.interrupt();
    }
  }

  // ---- attempts ----

  /** The body of this attempt begins. */
  void begin(Attempt begun) {
    attempt = begun;
    run.begun(begun);
    if (isStopped()) {
      run.ended(begun);
      throw stoppedError();
    }
  }

  /**
   * The body of this attempt has returned or thrown.
   *
   * @throws StoppedError if that no longer counts
   */
  void end(Attempt ended) {
    boolean counts = ends(ended);
    if (counts && (ended.rest() != null || ended.unreadable() != null)) {
      // The body has caught what was to end it.
      throw new SuspendedError();
    }
    leave(ended, counts);
    closeWaits(ended.path, Set.of());
  }

  /**
   * The body of this attempt has been left.
   *
   * @throws StoppedError if that no longer counts
   */
  void leave(Attempt ended) {
    leave(ended, ends(ended));
  }

  private void leave(Attempt ended, boolean counts) {
    if (counts || !run.isStopped()) {
      run.ended(ended);
    }
    // A body may leave its thread interrupted; that must not disturb the engine.
    Thread.interrupted();
    if (!counts) {
      throw stoppedError();
    }
    hold(ended.held());
  }

  /**
   * Decides whether the end of a body counts. If it does, whoever stops this strand waits until
   * what came of it is held or committed; if not, the attempt is left to that thread.
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

  /** What came of a body that has ended is held or committed, or nothing came of it. */
  void settled() {
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

  /** Something was sent to the execution: who waits below looks again. */
  void signal() {
    Fork below = fork;
    if (below != null) {
      below.signal();
    }
  }

  // ---- rows ----

  /** To be committed together with what follows. */
  void hold(StepRow row) {
    hold(Uncommitted.of(List.of(row)));
  }

  /** To be committed together with what follows. */
  void hold(Uncommitted more) {
    locked(() -> held = held.and(more));
  }

  /** To be removed from the history together with what follows. */
  void forget(List<Integer> places) {
    if (!places.isEmpty()) {
      hold(new Uncommitted(List.of(), places, WaitChanges.NONE));
    }
  }

  /** What is held. */
  Uncommitted held() {
    return locked(() -> held);
  }

  /** Gives away what is held; of a strand that was stopped, whoever stopped it has that. */
  Uncommitted release() {
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

  /**
   * The waits at a path or below it are decided: those that are still open are closed, and children
   * that they waited for are no longer wanted.
   */
  void closeWaits(String path) {
    close(run.waits.within(path), child -> new WaitChanges.Unwanted(child, true));
  }

  /**
   * A body's waits that it has not asked for when it was entered last are closed: nothing must wake
   * it for them. A child that such a wait was for ends, unless it was to go on by itself.
   *
   * @param kept the paths of those that it has asked for
   */
  void closeWaits(String path, Set<String> kept) {
    if (!run.waits.isUsed()) {
      return;
    }
    NavigableMap<String, OpenWaits.Open> forgotten = run.waits.within(path);
    forgotten.keySet().removeAll(kept);
    for (String asked : kept) {
      forgotten.keySet().removeIf(place -> ReminderRow.isOneOf(asked, place));
    }
    close(forgotten, child -> new WaitChanges.Unwanted(child, false));
  }

  private void close(
      Map<String, OpenWaits.Open> waits, Function<UUID, WaitChanges.Unwanted> becauseOf) {
    List<StepRow> rows = new ArrayList<>();
    List<WaitChanges.Change> changes = new ArrayList<>();
    waits.forEach(
        (place, wait) -> {
          rows.add(wait.row(place, StepStatus.CANCELLED, null));
          changes.add(WaitChanges.Closed.cancelled(wait.seq()));
          if (wait.child() != null) {
            changes.add(becauseOf.apply(wait.child()));
          }
          run.waits.closed(place);
        });
    hold(new Uncommitted(rows, List.of(), new WaitChanges(changes)));
  }

  /**
   * Before a body runs, what came before must be safe. A worker that drains lets somebody else run
   * that body.
   */
  void flush(String next) throws StepFailure, Suspension {
    frontier();
    requireWanted();
    if (run.engine.isDraining()) {
      throw new Suspension(Duration.ZERO, next);
    }
    commit();
  }

  /**
   * Waits until one body more of this execution may run; whoever returns from here gives that back
   * when the body has ended.
   */
  void awaitTurn(String next) throws StepFailure, Suspension {
    if (run.bodies.tryAcquire()) {
      return;
    }
    while (!acquired()) {
      requireWanted();
    }
    try {
      // That may have taken long.
      flush(next);
    } catch (Throwable unwanted) {
      run.bodies.release();
      throw unwanted;
    }
  }

  /** An interrupt only wakes: whether it means something is to be looked up. */
  private boolean acquired() {
    try {
      run.bodies.acquire();
      return true;
    } catch (InterruptedException woken) {
      return false;
    }
  }

  /** Whether what is held is that its last body was sent what it had waited for. */
  boolean hasTaken() {
    Attempt last = attempt;
    return last != null && last.hasTaken();
  }

  /** What is held does not count: what was sent is there for others. */
  void forgo() {
    if (stopped == null) {
      forgo(true);
    }
  }

  private void forgo(boolean given) {
    release(given);
    Attempt last = attempt;
    if (last != null) {
      last.forgetTentative(run.waits);
    }
  }

  /** Commits what is held, and these rows. */
  void commit(StepRow... more) throws StepFailure {
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

  private void commit(Uncommitted what) {
    CompletableFuture<Void> offered;
    lock.lock();
    try {
      if (stopped != null) {
        throw stoppedError();
      }
      offered = run.offer(what);
      inFlight = offered;
      held = Uncommitted.NOTHING;
    } finally {
      lock.unlock();
    }
    run.await(offered);
  }

  /**
   * The database refused what was held: the step whose value it is has failed, and would again.
   * That row is held now, as a failure; those before it have been committed by themselves.
   */
  StepFailure refused(RejectedEntryException rejected) {
    Uncommitted all = release();
    List<StepRow> waits = all.rows().stream().filter(row -> row.type().isWait()).toList();
    List<Uncommitted> parts = new ArrayList<>();
    parts.add(new Uncommitted(waits, all.forgotten(), all.waits()));
    all.rows().stream()
        .filter(row -> !row.type().isWait())
        .forEach(row -> parts.add(Uncommitted.of(List.of(row))));
    for (Uncommitted part : parts) {
      try {
        if (!part.isEmpty()) {
          commit(part);
        }
      } catch (RejectedEntryException alone) {
        return refused(part, alone);
      }
    }
    return new StepFailure(describe(rejected, null));
  }

  private StepFailure refused(Uncommitted part, RejectedEntryException rejected) {
    if (part.rows().isEmpty()) {
      return new StepFailure(describe(rejected, null));
    }
    StepRow row = part.rows().getFirst();
    if (row.type().isWait()) {
      part.rows().forEach(wait -> run.waits.closed(wait.path()));
    }
    ErrorInfo error = describe(rejected, row.path());
    hold(failed(row, InternalJson.write(error)));
    return new StepFailure(error);
  }

  /** The row of a failure, for certain without anything that the database refuses. */
  private static StepRow failed(StepRow row, String error) {
    return new StepRow(
        row.seq(),
        StorableText.storable(row.path()),
        row.type(),
        row.attempt(),
        StepStatus.FAILED,
        null,
        error,
        row.elapsed(),
        row.opened(),
        null,
        row.compensates());
  }

  private static ErrorInfo describe(RejectedEntryException rejected, @Nullable String path) {
    return ErrorInfo.of(
        ErrorInfo.VALUE_REJECTED,
        Failures.message(rejected),
        path == null ? null : StorableText.storable(path));
  }
}
