package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.MailboxStore.Signal;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.WakeCondition;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a step, while its body runs. Its end is decided once: by the body, by its timeout,
 * or by whatever makes it unwanted.
 */
final class Attempt {

  final String path;
  final StepType type;
  final int number;
  final @Nullable String compensates;
  final boolean atMostOnce;
  private final AttemptRow row = new AttemptRow();
  private final long beganAt = System.nanoTime();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Map<String, String> decided = Map.of();
  private List<Tentative> tentative = List.of();
  private Uncommitted held = Uncommitted.NOTHING;
  private volatile Stage stage = Stage.OPEN;
  private volatile @Nullable Rest rest;
  private volatile Set<Thread> left = Set.of();
  private volatile @Nullable ErrorInfo unreadable;
  private volatile @Nullable Thread thread;
  private volatile boolean interrupted;
  private @Nullable CompletableFuture<Void> effect;
  private volatile @Nullable Runnable interruption;

  private enum Stage {
    OPEN,
    OVER,
    TAKEN_AWAY
  }

  /**
   * Why the body cannot go on now.
   *
   * @param held what is to be committed with that
   * @param wake what lets it go on
   * @param open what it waits for, by path
   * @param unanswered whether that is only that the database did not answer: the body may not have
   *     come to all that it waits for
   */
  record Rest(
      Uncommitted held, WakeCondition wake, Map<String, OpenWaits.Open> open, boolean unanswered) {

    Rest(Uncommitted held, WakeCondition wake, Map<String, OpenWaits.Open> open) {
      this(held, wake, open, false);
    }

    static Rest unanswered(WakeCondition wake, Map<String, OpenWaits.Open> open) {
      return new Rest(Uncommitted.NOTHING, wake, open, true);
    }

    /** Several threads of a body may wait: the first thing that comes lets it go on. */
    Rest and(@Nullable Rest other) {
      if (other == null) {
        return this;
      }
      Map<String, OpenWaits.Open> all = new HashMap<>(open);
      all.putAll(other.open);
      return new Rest(
          held.and(other.held), wake.or(other.wake), all, unanswered || other.unanswered);
    }
  }

  /**
   * A wait that is decided, but not committed before the attempt's end.
   *
   * @param open the wait; null if it has no row yet
   * @param reminders the reminders that end with it, by path
   * @param taken the signals that decided it
   */
  record Tentative(
      String path,
      OpenWaits.@Nullable Open open,
      Map<String, OpenWaits.Open> reminders,
      List<Signal> taken) {}

  Attempt(
      String path, StepType type, int number, @Nullable String compensates, boolean atMostOnce) {
    this.path = path;
    this.type = type;
    this.number = number;
    this.compensates = compensates;
    this.atMostOnce = atMostOnce;
  }

  // ---- its thread ----

  /**
   * The thread that its body runs on, before and after it is started: an interrupt that came too
   * early for it is delivered now.
   */
  void runsOn(Thread bodys) {
    thread = bodys;
    if (interrupted) {
      bodys.interrupt();
    }
  }

  /**
   * From now on this interrupts the body, whose thread alone does not lead to all that it does. An
   * interrupt that came before is delivered by it, too.
   */
  void interruptsBy(Runnable instead) {
    locked(
        () -> {
          interruption = instead;
          if (interrupted) {
            instead.run();
          }
          return null;
        });
  }

  /** Whether the body has a way of its own to be interrupted, and this is its thread. */
  boolean isInterruptedOn(Thread other) {
    return interruption != null && thread == other;
  }

  /** Interrupts the body, even if it has no thread yet. */
  void interrupt() {
    locked(
        () -> {
          interrupted = true;
          Thread bodys = thread;
          Runnable instead = interruption;
          if (instead != null) {
            instead.run();
          } else if (bodys != null) {
            bodys.interrupt();
          }
          return null;
        });
  }

  /** Whether this thread is the body's. */
  boolean isOn(Thread other) {
    return thread == other && isOpen();
  }

  // ---- its end ----

  /** Whether the body may still do something that lasts. */
  boolean isOpen() {
    return stage == Stage.OPEN;
  }

  /** Whether the body has returned or thrown, and that counts. */
  boolean isOver() {
    return stage == Stage.OVER;
  }

  /** The body has returned or thrown. False if that no longer counts. */
  boolean over() {
    return locked(
        () -> {
          if (stage == Stage.OPEN) {
            stage = Stage.OVER;
          }
          return stage == Stage.OVER;
        });
  }

  /**
   * Takes the decision away from the body. What it has already offered to the journal counts, and
   * its fate is known when this returns. False if another thread was faster.
   */
  boolean takeAway() {
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

  /** Whether its body did nothing but wait, and what it was sent is not committed as received. */
  boolean hasTaken() {
    return locked(() -> tentative.stream().anyMatch(wait -> !wait.taken().isEmpty()));
  }

  /** What the body's waits have come to, and is not committed, is undone: it will be seen again. */
  void forgetTentative(OpenWaits waits) {
    List<Tentative> all =
        locked(
            () -> {
              List<Tentative> copy = tentative;
              tentative = List.of();
              decided = Map.of();
              held = Uncommitted.NOTHING;
              return copy;
            });
    for (Tentative wait : all) {
      if (wait.open() != null) {
        waits.opened(wait.path(), wait.open());
      }
      wait.reminders().forEach(waits::opened);
      waits.giveBack(wait.taken());
    }
  }

  // ---- what it does ----

  /**
   * Offers an effect of the body to the journal.
   *
   * @throws StoppedError if the body's work is no longer wanted
   */
  CompletableFuture<Void> offer(Supplier<CompletableFuture<Void>> entry) {
    return locked(
        () -> {
          requireOpen();
          CompletableFuture<Void> before = effect;
          CompletableFuture<Void> offered = entry.get();
          effect = before == null ? offered : CompletableFuture.allOf(before, offered);
          return offered;
        });
  }

  /**
   * @throws StoppedError if the body's work is no longer wanted
   */
  private void requireOpen() {
    if (!isOpen()) {
      throw new StoppedError("this attempt of '" + path + "' is over");
    }
  }

  /**
   * Commits something that the body has done.
   *
   * @param then what follows as soon as it is committed
   * @throws StoppedError if the body's work is no longer wanted
   */
  void commit(Run run, Uncommitted done, Runnable then) {
    if (run.await(offer(() -> run.offer(done).thenRun(then)))) {
      // It was meant for the body.
      Thread.currentThread().interrupt();
    }
  }

  /** A wait is decided; its rows are committed with the attempt's end. */
  void decides(Tentative wait, String json, Uncommitted rows) {
    locked(
        () -> {
          requireOpen();
          tentative = Stream.concat(tentative.stream(), Stream.of(wait)).toList();
          held = held.and(rows);
          Map<String, String> more = new HashMap<>(decided);
          more.put(wait.path(), json);
          decided = Map.copyOf(more);
          return null;
        });
  }

  /** What this attempt knows of a wait although it is not committed yet, or null. */
  @Nullable String decided(String wait) {
    return decided.get(wait);
  }

  /** What is to be committed with its end. */
  Uncommitted held() {
    return locked(() -> held);
  }

  /**
   * The body has come to a wait that is not over.
   *
   * @throws StoppedError if the body's work is no longer wanted
   */
  void rests(Rest why) {
    locked(
        () -> {
          requireOpen();
          rest = why.and(rest);
          leaves();
          return null;
        });
  }

  /**
   * Whether the body has been left on this thread, or on any if this is its own, for a wait or for
   * a value that cannot be read. It must do nothing more on its way out: it will be entered again.
   */
  boolean isLeft() {
    Thread current = Thread.currentThread();
    boolean wasLeft = rest != null || unreadable != null;
    return wasLeft && (thread == current || left.contains(current));
  }

  /**
   * The body has come to a value that cannot be read.
   *
   * @param marks rows to be committed with that
   * @throws StoppedError if the body's work is no longer wanted
   */
  void parks(ErrorInfo why, List<StepRow> marks) {
    locked(
        () -> {
          requireOpen();
          unreadable = why;
          held = held.and(Uncommitted.of(marks));
          leaves();
          return null;
        });
  }

  private void leaves() {
    Set<Thread> more = new HashSet<>(left);
    more.add(Thread.currentThread());
    left = Set.copyOf(more);
  }

  /** What cannot be read; null if the body has not come to such a value. */
  @Nullable ErrorInfo unreadable() {
    return unreadable;
  }

  /** Why the body cannot go on now; null if it can. */
  @Nullable Rest rest() {
    return rest;
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
   * @param row to be stored
   * @param stored to be completed with whether it is
   */
  record Showing(StepRow row, CompletableFuture<Boolean> stored) {}

  /** Makes the attempt visible as running, once; null if it is visible already or has ended. */
  @Nullable Showing show(History history) {
    AttemptRow.Showing showing = row.show(() -> history.nextSeq(path));
    return showing == null
        ? null
        : new Showing(
            row(history, showing.seq(), StepStatus.RUNNING, null, null, true), showing.stored());
  }

  /** Whether a {@code running} row has been offered, and no end has taken its place. */
  boolean isShown() {
    return row.isShown();
  }

  /** Whether a {@code running} row has been stored. Waits until that is known. */
  boolean isOpened() {
    return row.isOpened();
  }

  /** Lets it never be shown; false if it has been already. */
  boolean staysHidden() {
    return row.staysHidden();
  }

  /**
   * The attempt leaves no row: its body will be entered again.
   *
   * @return the place of the row that showed it as running, if there is one
   */
  List<Integer> hide() {
    Integer place = row.hide();
    return place == null ? List.of() : List.of(place);
  }

  /** The row of its end. If that row is rolled back or refused, another end takes its place. */
  StepRow end(History history, StepStatus status, @Nullable String output, @Nullable String error) {
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

  /** Its body will be entered again: this was the first time, if there was none before. */
  void comesAgain(History history) {
    history.entries().enter(path, beganAt);
  }

  /** Whether the body has been running for that long. */
  boolean runsFor(long nanos) {
    return System.nanoTime() - beganAt > nanos;
  }
}
