package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.StepRow;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a step, while its body runs. Its end is decided once: by the body, by its timeout,
 * or by the thread that stops it.
 */
public final class Attempt {

  private final String path;
  private final StepType type;
  private final int number;
  private final @Nullable String compensates;
  private final boolean atMostOnce;
  private final @Nullable UndoCollection collection;
  private final AttemptRow row = new AttemptRow();
  private final long beganAt = System.nanoTime();
  private final ReentrantLock lock = new ReentrantLock();
  private final DecidedWaits decided = new DecidedWaits();
  private volatile Stage stage = Stage.OPEN;
  private volatile @Nullable BodySuspension suspension;
  private final BodyThreads threads = new BodyThreads();
  private volatile @Nullable ErrorInfo parked;
  private @Nullable CompletableFuture<Void> effect;
  private final @Nullable Attempt whole;
  private final Set<Attempt> parts = ConcurrentHashMap.newKeySet();

  private enum Stage {
    OPEN,
    OVER,
    TAKEN_AWAY
  }

  /**
   * @param collection gets what the body says about being undone; null unless it is entered for
   *     that
   */
  public Attempt(
      String path,
      StepType type,
      int number,
      @Nullable String compensates,
      boolean atMostOnce,
      @Nullable UndoCollection collection) {
    this(path, type, number, compensates, atMostOnce, collection, null);
  }

  private Attempt(
      String path,
      StepType type,
      int number,
      @Nullable String compensates,
      boolean atMostOnce,
      @Nullable UndoCollection collection,
      @Nullable Attempt whole) {
    this.path = path;
    this.type = type;
    this.number = number;
    this.compensates = compensates;
    this.atMostOnce = atMostOnce;
    this.collection = collection;
    this.whole = whole;
  }

  // ---- parts of its body ----

  /**
   * An attempt of a part of its body: a branch, or an item. It has an end and waits of its own; its
   * facts are also facts of this attempt, and an interrupt of this one reaches it.
   */
  public Attempt part(String place, int count) {
    Attempt part =
        new Attempt(place, StepType.EFFECT, count, compensates, atMostOnce, collection, this);
    parts.add(part);
    if (threads.isInterrupted()) {
      part.interrupt();
    }
    return part;
  }

  /** A part has ended: it decides nothing any more. */
  public void leaves(Attempt part) {
    parts.remove(part);
  }

  /** The waits that a part has decided are committed with the end of this attempt. */
  public void takesOver(Attempt part) {
    locked(
        () -> {
          requireOpen();
          decided.takeFrom(part.decided);
          return null;
        });
  }

  /** The waits that it has decided are committed: nothing undoes them. */
  public void settled() {
    decided.settled();
  }

  public String path() {
    return path;
  }

  public int number() {
    return number;
  }

  /** The path of the step that its body undoes, or null. */
  public @Nullable String compensates() {
    return compensates;
  }

  /** Whether the body is never begun twice. */
  public boolean isAtMostOnce() {
    return atMostOnce;
  }

  // ---- an entry that only collects ----

  /** What the body says about being undone, if it is entered for nothing else; or null. */
  public @Nullable UndoCollection collection() {
    return collection;
  }

  /**
   * Leaves a body that is entered only to collect how it is undone: what it asks for at a path is
   * not remembered, so it would have to be done.
   */
  public void requireDoing(String call) {
    if (collection != null) {
      collection.ends("came to '" + call + "', which is not remembered");
      throw collected();
    }
  }

  /** The body says how the effect at a path is undone. */
  public void collect(String call, UndoCollection.Undo undo) {
    if (collection != null) {
      collection.add(call, undo);
      leaveIfCollected();
    }
  }

  /** Leaves a body that is entered only to collect how it is undone, if all that is known. */
  public void leaveIfCollected() {
    if (collection != null && collection.isComplete()) {
      throw collected();
    }
  }

  private SuspendedError collected() {
    threads.leave();
    return new SuspendedError();
  }

  // ---- its thread ----

  /**
   * Sets the thread that its body runs on, before and after that is started: an interrupt that came
   * too early for it is delivered now.
   */
  public void runsOn(Thread bodyThread) {
    threads.runsOn(bodyThread);
  }

  /**
   * Sets another way to interrupt the body than an interrupt of its thread, which does not reach
   * all of its work. An interrupt that came before is delivered this way, too.
   */
  public void interruptsBy(Runnable instead) {
    threads.interruptsBy(instead);
  }

  /** Whether the body has a way of its own to be interrupted, and this is its thread. */
  boolean isInterruptedOn(Thread other) {
    return threads.isInterruptedOn(other);
  }

  /** Interrupts the body, even if it has no thread yet. */
  public void interrupt() {
    threads.interrupt();
    parts.forEach(Attempt::interrupt);
  }

  /** Whether this thread is the body's. */
  boolean isOn(Thread other) {
    return (threads.isOwn(other) && isOpen()) || parts.stream().anyMatch(part -> part.isOn(other));
  }

  // ---- its end ----

  /** Whether the body may still commit facts. */
  public boolean isOpen() {
    return stage == Stage.OPEN && (whole == null || whole.isOpen());
  }

  /** Whether the body has returned or thrown, and that counts. */
  public boolean isOver() {
    return stage == Stage.OVER;
  }

  /** The body has returned or thrown. False if that no longer counts. */
  public boolean over() {
    return locked(
        () -> {
          if (stage == Stage.OPEN) {
            stage = Stage.OVER;
          }
          return stage == Stage.OVER;
        });
  }

  /**
   * Takes the decision away from the body. Facts that it has offered to the journal count, and
   * their fate is known when this returns. False if another thread was faster.
   */
  public boolean takeAway() {
    CompletableFuture<Void> offered;
    lock.lock();
    try {
      if (stage != Stage.OPEN) {
        return false;
      }
      stage = Stage.TAKEN_AWAY;
      offered = effect;
    } finally {
      lock.unlock();
    }
    if (offered != null) {
      offered.handle((done, failure) -> null).join();
    }
    return true;
  }

  /** Whether its body has received signals that are not committed as received. */
  boolean hasTaken() {
    return locked(decided::hasTaken) || parts.stream().anyMatch(Attempt::hasTaken);
  }

  /** Undoes the body's waits that are decided and not committed: they will be decided again. */
  public void forgetTentative(OpenWaits waits) {
    for (TentativeWait wait : locked(decided::clear)) {
      if (wait.open() != null) {
        waits.opened(wait.path(), wait.open());
      }
      wait.reminders().forEach(waits::opened);
      waits.giveBack(wait.taken());
    }
    parts.forEach(part -> part.forgetTentative(waits));
  }

  // ---- its facts and waits ----

  /**
   * Offers a fact of the body to the journal, or to a transaction of its own.
   *
   * @throws StoppedError if the body's work is no longer needed
   */
  public CompletableFuture<Void> offer(Supplier<CompletableFuture<Void>> entry) {
    return locked(
        () -> {
          requireOpen();
          CompletableFuture<Void> before = effect;
          CompletableFuture<Void> offered = whole == null ? entry.get() : whole.offer(entry);
          effect = before == null ? offered : CompletableFuture.allOf(before, offered);
          return offered;
        });
  }

  /**
   * @throws StoppedError if the body's work is no longer needed
   */
  private void requireOpen() {
    if (!isOpen()) {
      throw new StoppedError("this attempt of '" + path + "' is over");
    }
  }

  /** A wait is decided. Its rows are committed with the attempt's end. */
  public void decides(TentativeWait wait, String json, Uncommitted rows) {
    locked(
        () -> {
          requireOpen();
          decided.add(wait, json, rows);
          return null;
        });
  }

  /** The end of a wait that is decided and not committed, as JSON; or null. */
  public @Nullable String decided(String wait) {
    return decided.of(wait);
  }

  /** Changes to be committed with its end. */
  public Uncommitted uncommitted() {
    return locked(decided::rows);
  }

  /**
   * The body is left at a wait that is not over.
   *
   * @throws StoppedError if the body's work is no longer needed
   */
  public void suspends(BodySuspension why) {
    leave(() -> suspension = why.and(suspension));
  }

  private void leave(Runnable change) {
    locked(
        () -> {
          requireOpen();
          change.run();
          return threads.leave();
        });
  }

  /**
   * Whether the body has been left on this thread, or on any if this is its own, at a wait or to be
   * parked. It must make no more calls on its way out: it will be entered again.
   */
  public boolean isLeft() {
    boolean wasLeft = suspension != null || parked != null;
    return (wasLeft && threads.isOwn(Thread.currentThread())) || threads.haveLeft();
  }

  /** Whether the current thread has left the body, at a wait or to be parked. */
  public boolean hasLeftHere() {
    return threads.haveLeft();
  }

  /**
   * The body is left, and its execution is to be parked.
   *
   * @param marks rows to be committed with that
   * @throws StoppedError if the body's work is no longer needed
   */
  public void parks(ErrorInfo why, List<StepRow> marks) {
    leave(
        () -> {
          parked = why;
          decided.add(Uncommitted.of(marks));
        });
  }

  /** The reason to park the execution, or null. */
  public @Nullable ErrorInfo parked() {
    return parked;
  }

  /** The waits at which the body has been left, or null. */
  public @Nullable BodySuspension suspension() {
    return suspension;
  }

  private <T extends @Nullable Object> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  // ---- its row ----

  /**
   * A row that shows the attempt as running.
   *
   * @param row the row, which the caller stores
   * @param stored the caller completes it with whether the row is in the database
   */
  public record Showing(StepRow row, CompletableFuture<Boolean> stored) {}

  /** Makes the attempt visible as running, once; null if it is visible already or has ended. */
  public @Nullable Showing show(History history) {
    AttemptRow.Showing showing = row.show(() -> history.nextSeq(path));
    return showing == null
        ? null
        : new Showing(
            row(history, showing.seq(), StepStatus.RUNNING, null, null, true), showing.stored());
  }

  /** Whether a {@code running} row has been offered, and no end has taken its place. */
  public boolean isShown() {
    return row.isShown();
  }

  /** Whether a {@code running} row has been stored. Waits until that is known. */
  public boolean isOpened() {
    return row.isOpened();
  }

  /** Keeps it from ever being shown; false if it has been already. */
  public boolean staysHidden() {
    return row.staysHidden();
  }

  /**
   * The attempt leaves no row: its body will be entered again.
   *
   * @return the place of the row that showed it as running, if there is one
   */
  public List<Integer> hide() {
    Integer place = row.hide();
    return place == null ? List.of() : List.of(place);
  }

  /** The row of its end. If that row is rolled back or refused, another end takes its place. */
  public StepRow end(
      History history, StepStatus status, @Nullable String output, @Nullable String error) {
    AttemptRow.Ended end = row.end(() -> history.nextSeq(path));
    StepRow ended = row(history, end.seq(), status, output, error, end.opened());
    history.entries().leave(path);
    return ended;
  }

  private StepRow row(
      History history,
      int seq,
      StepStatus status,
      @Nullable String output,
      @Nullable String error,
      boolean opened) {
    Duration elapsed = history.entries().elapsed(path, beganAt);
    return history
        .entries()
        .since(
            new StepRow(
                seq,
                path,
                type,
                number,
                status,
                output,
                error,
                elapsed,
                opened,
                null,
                compensates));
  }

  /** Its body will be entered again: remembers this entry, if it was the first. */
  public void comesAgain(History history) {
    history.entries().enter(path, beganAt);
  }

  /** Whether the body has been running for at least so many nanoseconds. */
  public boolean runsFor(long nanos) {
    return System.nanoTime() - beganAt > nanos;
  }

  @Override
  public String toString() {
    String state = stage.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return "attempt " + number + " of '" + path + "' (" + state + ")";
  }
}
