package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of control of a run: the whole walk, a branch, or an item. Everything but {@link #stop}
 * is for its own thread.
 *
 * <p>The last results are held back until it is known what follows: before the next body runs they
 * are committed; at the end they share one commit with the end.
 */
final class Strand {

  final Run run;
  private final List<StepRow> held = new ArrayList<>();
  private final List<Integer> forgotten = new ArrayList<>();
  private volatile boolean stopped;
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
    if (isStopped()) {
      throw new StoppedError();
    }
  }

  /** Whether its work is no longer wanted. */
  boolean isStopped() {
    return stopped || run.isStopped();
  }

  /**
   * Stops it and everything below it, without waiting for bodies that do not listen.
   *
   * @return the rows that say so
   */
  List<StepRow> stop() {
    stopped = true;
    List<StepRow> rows = new ArrayList<>();
    Fork below = fork;
    if (below != null) {
      rows.addAll(below.stop());
    }
    Attempt running = attempt;
    if (running != null && running.takeAway()) {
      running.interrupt();
      run.ended(running);
      rows.add(
          running.end(
              run.history,
              StepStatus.CANCELLED,
              null,
              InternalJson.write(
                  ErrorInfo.of(
                      ErrorInfo.CANCELLED,
                      "Enough of the others had ended, or one had failed.",
                      running.path))));
    }
    Thread own = thread;
    if (own != null) {
      own.interrupt();
    }
    return rows;
  }

  /** From now on others run below it. */
  void forks(Fork below) {
    fork = below;
    if (isStopped()) {
      throw new StoppedError();
    }
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
    if (own != null) {
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
      throw new StoppedError();
    }
  }

  /**
   * The body of this attempt has returned or thrown.
   *
   * @throws StoppedError if that no longer counts
   */
  void end(Attempt ended) {
    boolean counts = ended.over();
    run.ended(ended);
    // A body may leave its thread interrupted; that must not disturb the engine.
    Thread.interrupted();
    if (!counts || isStopped()) {
      throw new StoppedError();
    }
  }

  // ---- rows ----

  /** To be committed together with what follows. */
  void hold(StepRow row) {
    held.add(row);
  }

  /** To be committed together with what follows. */
  void hold(List<StepRow> rows) {
    held.addAll(rows);
  }

  /** To be removed from the history together with what follows. */
  void forget(List<Integer> places) {
    forgotten.addAll(places);
  }

  /** What is held. */
  List<StepRow> held() {
    return List.copyOf(held);
  }

  /** What is to be removed from the history. */
  List<Integer> forgotten() {
    return List.copyOf(forgotten);
  }

  /** Gives away what is held. */
  List<StepRow> release() {
    List<StepRow> rows = List.copyOf(held);
    held.clear();
    return rows;
  }

  /**
   * Before a body runs, what came before must be safe. A node that drains lets somebody else run
   * that body.
   */
  void flush(String next) throws StepFailure, Suspension {
    frontier();
    if (isStopped()) {
      throw new StoppedError();
    }
    if (run.engine.isDraining()) {
      throw new Suspension(Duration.ZERO, next);
    }
    commit();
  }

  /** Commits what is held, and these rows. */
  void commit(StepRow... more) throws StepFailure {
    held.addAll(List.of(more));
    if (held.isEmpty()) {
      return;
    }
    try {
      run.commit(held, forgotten);
    } catch (RejectedEntryException rejected) {
      throw refused(rejected);
    }
    held.clear();
    forgotten.clear();
  }

  /**
   * The database refused what was held: the step whose value it is has failed, and would again.
   * That row is held now, as a failure; those before it have been committed by themselves.
   */
  StepFailure refused(RejectedEntryException rejected) {
    for (StepRow row : release()) {
      try {
        run.commit(List.of(row), List.of());
      } catch (RejectedEntryException alone) {
        ErrorInfo error = describe(alone, row.path());
        run.history.refused(row.path());
        run.history.failed(row.path(), error, null);
        hold(row.failing(InternalJson.write(error)));
        return new StepFailure(error);
      }
    }
    return new StepFailure(describe(rejected, null));
  }

  private static ErrorInfo describe(RejectedEntryException rejected, @Nullable String path) {
    return new ErrorInfo(
        RejectedEntryException.class.getName(), Failures.message(rejected), path, null);
  }
}
