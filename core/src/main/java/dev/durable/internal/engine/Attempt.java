package dev.durable.internal.engine;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.Wake;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a step, while its body runs. Its end is decided once: by the body, by its timeout,
 * or by somebody who no longer wants it.
 */
final class Attempt {

  final String path;
  final StepType type;
  final int number;
  final @Nullable String compensates;
  final boolean atMostOnce;
  private volatile Held held = Held.NOTHING;
  private final long beganAt = System.nanoTime();
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OPEN);
  private final AtomicReference<@Nullable Place> place = new AtomicReference<>();
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable CompletableFuture<Void> effect;
  private volatile @Nullable Rest rest;
  private volatile @Nullable Thread thread;
  private volatile @Nullable Runnable interruption;

  private enum Stage {
    OPEN,
    OVER,
    TAKEN_AWAY
  }

  /** The attempt's row: its seq, and the commit that made it visible as running, if one did. */
  private record Place(int seq, @Nullable CompletableFuture<Void> shown) {}

  /**
   * Why the body cannot go on now.
   *
   * @param held what is to be committed with that
   * @param wake what lets it go on
   * @param open what it waits for, by path
   */
  record Rest(Held held, Wake wake, Map<String, Waits.Open> open) {}

  Attempt(
      String path, StepType type, int number, @Nullable String compensates, boolean atMostOnce) {
    this.path = path;
    this.type = type;
    this.number = number;
    this.compensates = compensates;
    this.atMostOnce = atMostOnce;
  }

  /** The thread that its body runs on. */
  void runsOn(Thread bodys) {
    thread = bodys;
  }

  /** From now on this interrupts the body: its thread alone does not lead to all that it does. */
  void interruptsBy(Runnable instead) {
    interruption = instead;
  }

  /** Whether the body has a way of its own to be interrupted, and this is its thread. */
  boolean isInterruptedOn(Thread other) {
    return interruption != null && thread == other;
  }

  /** Interrupts the body. */
  void interrupt() {
    Thread bodys = thread;
    Runnable instead = interruption;
    if (instead != null) {
      instead.run();
    } else if (bodys != null) {
      bodys.interrupt();
    }
  }

  /** Whether the body may still do something that lasts. */
  boolean isOpen() {
    return stage.get() == Stage.OPEN;
  }

  /** Whether the body has returned or thrown, and that counts. */
  boolean isOver() {
    return stage.get() == Stage.OVER;
  }

  /** The body has returned or thrown. False if that no longer counts. */
  boolean over() {
    return stage.compareAndSet(Stage.OPEN, Stage.OVER) || isOver();
  }

  /**
   * Takes the decision away from the body. What it has already offered to the journal counts, and
   * its fate is known when this returns. False if somebody else was faster.
   */
  boolean takeAway() {
    lock.lock();
    try {
      if (!stage.compareAndSet(Stage.OPEN, Stage.TAKEN_AWAY)) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    CompletableFuture<Void> offered = effect;
    if (offered != null) {
      offered.handle((done, failure) -> null).join();
    }
    return true;
  }

  /**
   * Offers an effect of the body to the journal.
   *
   * @throws StoppedError if the body's work is no longer wanted
   */
  CompletableFuture<Void> offer(Supplier<CompletableFuture<Void>> entry) {
    lock.lock();
    try {
      if (!isOpen()) {
        throw new StoppedError();
      }
      CompletableFuture<Void> before = effect;
      CompletableFuture<Void> offered = entry.get();
      effect = before == null ? offered : CompletableFuture.allOf(before, offered);
      return offered;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Commits something that the body has done.
   *
   * @param then what follows as soon as it is committed
   * @throws StoppedError if the body's work is no longer wanted
   */
  void commit(Run run, Held done, Runnable then) {
    boolean interrupted = run.await(offer(() -> run.offer(done).thenRun(then)));
    if (interrupted) {
      // It was meant for the body.
      Thread.currentThread().interrupt();
    }
  }

  /** To be committed with the attempt's end. */
  void hold(Held more) {
    held = held.and(more);
  }

  /** What is to be committed with its end. */
  Held held() {
    return held;
  }

  /** The body has come to a wait that is not over. */
  void rests(Rest why) {
    rest = why;
  }

  /** Why the body cannot go on now; null if it can. */
  @Nullable Rest rest() {
    return rest;
  }

  /**
   * The attempt leaves no row: its body will be entered again.
   *
   * @return the place of the row that showed it as running, if there is one
   */
  List<Integer> hide() {
    if (staysHidden()) {
      return List.of();
    }
    Place taken = place.get();
    if (taken == null || taken.shown() == null) {
      return List.of();
    }
    taken.shown().join();
    return List.of(taken.seq());
  }

  /** Whether a {@code running} row has been offered. */
  boolean isShown() {
    Place taken = place.get();
    return taken != null && taken.shown() != null;
  }

  /** Lets it never be shown; false if it has been already. */
  boolean staysHidden() {
    return place.compareAndSet(null, new Place(-1, null));
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - beganAt);
  }

  /** Whether the body has been running for that long. */
  boolean runsFor(long nanos) {
    return System.nanoTime() - beganAt > nanos;
  }

  /**
   * Makes the attempt visible as running, once.
   *
   * @return the row to write, whose commit completes the given future; null if it is visible
   *     already or has ended
   */
  @Nullable StepRow show(History history, CompletableFuture<Void> committed) {
    if (place.get() != null) {
      return null;
    }
    int seq = history.nextSeq(path);
    if (!place.compareAndSet(null, new Place(seq, committed))) {
      return null;
    }
    return row(seq, StepStatus.RUNNING, null, null, false);
  }

  /**
   * The row of its end, after the running one (if any) has been committed. If that row is rolled
   * back or refused, another end takes its place.
   */
  StepRow end(History history, StepStatus status, @Nullable String output, @Nullable String error) {
    Place taken = place.get();
    while (taken == null) {
      place.compareAndSet(null, new Place(history.nextSeq(path), null));
      taken = place.get();
    }
    if (taken.shown() != null) {
      taken.shown().join();
    }
    return row(taken.seq(), status, output, error, taken.shown() != null);
  }

  private StepRow row(
      int seq, StepStatus status, @Nullable String output, @Nullable String error, boolean opened) {
    return new StepRow(
        seq, path, type, number, status, output, error, elapsed(), opened, null, compensates);
  }
}
