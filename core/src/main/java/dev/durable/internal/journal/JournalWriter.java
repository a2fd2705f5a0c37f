package dev.durable.internal.journal;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.service.Uninterrupted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One writer thread of the journal with its own connection, which it gives back after an idle time.
 * Entries that another session has locked, or that the database refuses alone, go to the {@link
 * DelayedEntries}, so that no other entry waits for them.
 */
final class JournalWriter {

  private static final Duration IDLE = Duration.ofSeconds(2);
  private static final long LOOK_MILLIS = 100;
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);
  private static final long FAREWELL = TimeUnit.SECONDS.toNanos(5);

  private final JournalQueue queue;
  private final Queue<Pending> aside;
  private final BatchWriter batches;
  private final ServiceThread thread;
  private volatile boolean closing;
  private volatile long giveUpAt;

  JournalWriter(
      Services services,
      String name,
      JournalQueue queue,
      Queue<Pending> aside,
      BatchWriter batches) {
    this.queue = queue;
    this.aside = aside;
    this.batches = batches;
    this.thread = services.start(name, this::round, batches::giveBack);
  }

  /** Lets the thread end when the queue is empty, or the database has been away for too long. */
  void close() {
    giveUpAt = System.nanoTime() + FAREWELL;
    closing = true;
  }

  /** Why it cannot write now; null if it can. */
  @Nullable Throwable trouble() {
    return thread.failure();
  }

  void join() {
    thread.join(Duration.ofNanos(2 * FAREWELL));
  }

  private boolean round(ServiceThread self) throws InterruptedException {
    List<Pending> batch = take(self);
    if (batch.isEmpty()) {
      batches.giveBackAfter(IDLE);
      return !closing;
    }
    write(batch, self);
    return true;
  }

  private List<Pending> take(ServiceThread self) throws InterruptedException {
    self.rest();
    List<Pending> batch = queue.take(closing ? 0 : LOOK_MILLIS);
    self.beat();
    return batch;
  }

  /**
   * Writes a batch until each of its futures is completed, or its entry is among those that are
   * tried again alone.
   */
  private void write(List<Pending> batch, ServiceThread self) {
    List<Pending> left = batch;
    long pause = FIRST_PAUSE;
    while (!left.isEmpty()) {
      self.beat();
      Throwable failure = tryToWrite(left);
      if (failure == null) {
        self.works();
      } else {
        self.fails(failure);
      }
      left = left(left, failure);
      if (failure != null && !left.isEmpty()) {
        JournalLog.failure(
            "The journal cannot write; " + left.size() + " entries wait and are tried again",
            failure);
        self.rest();
        Uninterrupted.sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  }

  private @Nullable Throwable tryToWrite(List<Pending> batch) {
    try {
      batches.write(batch);
      return null;
    } catch (Throwable failure) {
      return failure;
    }
  }

  /** The entries to try again at once; the others are decided, or go to the delayed ones. */
  private List<Pending> left(List<Pending> batch, @Nullable Throwable failure) {
    List<Pending> left = new ArrayList<>();
    for (Pending pending : batch) {
      if (pending.isDecided()) {
        continue;
      }
      if (pending.isAside()) {
        aside.add(pending);
      } else if (failure == null || !pending.giveUp(failure, isOver())) {
        left.add(pending);
      }
    }
    return left;
  }

  private boolean isOver() {
    return closing && System.nanoTime() - giveUpAt > 0;
  }
}
