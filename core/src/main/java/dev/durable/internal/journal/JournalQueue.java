package dev.durable.internal.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The entries and starts that are offered and not yet taken by a writer. It is bounded, so a slow
 * database slows the steps down and never fills the heap. Once it is closed, it refuses new ones.
 */
final class JournalQueue {

  private static final int CAPACITY = 20_000;
  private static final int MAX_ENTRIES = 500;

  /** Entries taken under one lock of the queue; they may exceed the limit of bytes. */
  private static final int AT_ONCE = 16;

  private static final long MAX_BYTES = 8L << 20;
  private static final long LOOK_MILLIS = 200;

  private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(CAPACITY);
  private volatile boolean closed;

  /** Waits while the queue is full, except for a start that has been given up. */
  void put(Pending pending) {
    boolean interrupted = false;
    boolean queued = false;
    while (!queued && !pending.isDecided()) {
      if (closed) {
        pending.fail(closedException());
        break;
      }
      try {
        queued = queue.offer(pending, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException retried) {
        // An entry is never lost to an interrupt: the body may be gone, its outcome must be
        // written.
        interrupted = true;
      }
    }
    if (queued && closed) {
      failRest();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes what one batch may hold. Waits at most that long for the first one, and for no other.
   *
   * @return none if there was none in time
   */
  List<Pending> take(long millis) throws InterruptedException {
    List<Pending> batch = new ArrayList<>();
    Pending first = queue.poll(millis, TimeUnit.MILLISECONDS);
    if (first != null) {
      batch.add(first);
      takeMore(batch);
    }
    return batch;
  }

  private void takeMore(List<Pending> batch) {
    long bytes = batch.getFirst().bytes();
    while (batch.size() < MAX_ENTRIES && bytes < MAX_BYTES) {
      int before = batch.size();
      if (queue.drainTo(batch, AT_ONCE) == 0) {
        return;
      }
      for (Pending more : batch.subList(before, batch.size())) {
        bytes += more.bytes();
      }
    }
  }

  /** Refuses what is offered from now on; writers may still take the rest. */
  void close() {
    closed = true;
  }

  /** Fails all that is left, once no writer takes it. */
  void failRest() {
    failRest(queue);
  }

  static void failRest(BlockingQueue<Pending> offered) {
    List<Pending> left = new ArrayList<>();
    offered.drainTo(left);
    left.forEach(pending -> pending.fail(closedException()));
  }

  private static IllegalStateException closedException() {
    return new IllegalStateException("This Durable instance is closed.");
  }

  @Override
  public String toString() {
    return queue.size() + " offered" + (closed ? ", closed" : "");
  }
}
