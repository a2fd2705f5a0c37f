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

  private static final Shown ENDED = new Shown(-1, CompletableFuture.completedFuture(null));

  final String path;
  final StepType type;
  final int number;
  private final long beganAt = System.nanoTime();
  private boolean over;
  private final AtomicReference<@Nullable Shown> shown = new AtomicReference<>();

  /** The {@code running} row: its place, and the commit that makes it visible. */
  private record Shown(int seq, CompletableFuture<Void> committed) {}

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
    return shown.get() != null;
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
    if (shown.get() != null) {
      return null;
    }
    int seq = history.nextSeq();
    if (!shown.compareAndSet(null, new Shown(seq, committed))) {
      return null;
    }
    return new StepRow(seq, path, type, number, StepStatus.RUNNING, null, null, elapsed(), false);
  }

  /** The row of its end, after the running one (if any) has been committed. Called once. */
  StepRow end(History history, StepStatus status, @Nullable String output, @Nullable String error) {
    Shown open = shown.getAndSet(ENDED);
    if (open != null) {
      open.committed().join();
    }
    int seq = open == null ? history.nextSeq() : open.seq();
    return new StepRow(seq, path, type, number, status, output, error, elapsed(), open != null);
  }
}
