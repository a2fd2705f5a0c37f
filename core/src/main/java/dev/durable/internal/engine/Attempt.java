package dev.durable.internal.engine;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.StepRow;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One attempt of a step, while its body runs. */
final class Attempt {

  final String path;
  final StepType type;
  final int number;
  private final long beganAt = System.nanoTime();
  private boolean over;
  private final AtomicReference<@Nullable Place> place = new AtomicReference<>();

  /** The attempt's row: its seq, and the commit that made it visible as running, if one did. */
  private record Place(int seq, @Nullable CompletableFuture<Void> shown) {}

  Attempt(String path, StepType type, int number) {
    this.path = path;
    this.type = type;
    this.number = number;
  }

  /** Whether the body has returned or thrown. For the body's own thread. */
  boolean isOver() {
    return over;
  }

  void over() {
    over = true;
  }

  /** Whether a {@code running} row has been offered. */
  boolean isShown() {
    Place taken = place.get();
    return taken != null && taken.shown() != null;
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
    int seq = history.nextSeq();
    if (!place.compareAndSet(null, new Place(seq, committed))) {
      return null;
    }
    return new StepRow(seq, path, type, number, StepStatus.RUNNING, null, null, elapsed(), false);
  }

  /**
   * The row of its end, after the running one (if any) has been committed. If that row is rolled
   * back or refused, another end takes its place.
   */
  StepRow end(History history, StepStatus status, @Nullable String output, @Nullable String error) {
    Place taken = place.get();
    while (taken == null) {
      place.compareAndSet(null, new Place(history.nextSeq(), null));
      taken = place.get();
    }
    if (taken.shown() != null) {
      taken.shown().join();
    }
    boolean opened = taken.shown() != null;
    return new StepRow(taken.seq(), path, type, number, status, output, error, elapsed(), opened);
  }
}
