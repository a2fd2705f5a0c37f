package dev.durable.internal.journal;

import dev.durable.DatabaseUnavailableException;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.Failure;
import dev.durable.internal.store.JournalStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One writer thread of the journal with a connection of its own, which it gives back when it has
 * been idle. What an application's transaction has locked it leaves to the one that tries again and
 * again, so that nobody else waits for it.
 */
final class Writer {

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final int MAX_ENTRIES = 500;
  private static final long MAX_BYTES = 8L << 20;
  private static final long IDLE_MILLIS = 2_000;
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final long FAREWELL_MILLIS = 5_000;

  private final BlockingQueue<Pending> queue;
  private final BlockingQueue<Pending> locked;
  private final boolean triesAgain;
  private final BatchWriter batches;
  private Thread thread = Thread.currentThread();
  private volatile boolean stopped;
  private long giveUpAt = Long.MAX_VALUE;

  private Writer(
      BlockingQueue<Pending> queue,
      BlockingQueue<Pending> locked,
      boolean triesAgain,
      BatchWriter batches) {
    this.queue = queue;
    this.locked = locked;
    this.triesAgain = triesAgain;
    this.batches = batches;
  }

  /** Writes what is in the one queue; puts what somebody else has locked into the other. */
  static Writer of(
      BlockingQueue<Pending> queue,
      BlockingQueue<Pending> locked,
      Database database,
      JournalStore store) {
    return new Writer(queue, locked, false, new BatchWriter(database, store));
  }

  /** Tries what is in the queue again and again, until nobody has it locked any more. */
  static Writer ofLocked(BlockingQueue<Pending> locked, Database database, JournalStore store) {
    return new Writer(locked, locked, true, new BatchWriter(database, store));
  }

  void start(String name) {
    thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  /** Lets the thread end once the queue is empty, or the database has been away for too long. */
  void stop() {
    giveUpAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FAREWELL_MILLIS);
    stopped = true;
  }

  void join() {
    try {
      thread.join(2 * FAREWELL_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      List<Pending> batch = new ArrayList<>(MAX_ENTRIES);
      while (take(batch)) {
        write(batch);
        batch.clear();
      }
    } finally {
      batches.giveBack();
    }
  }

  /** Waits for entries. False when there will be none any more. */
  private boolean take(List<Pending> batch) {
    while (true) {
      try {
        Pending first = queue.poll(stopped ? 0 : 100, TimeUnit.MILLISECONDS);
        if (first != null) {
          fill(first, batch);
          return true;
        }
        if (stopped) {
          return false;
        }
        batches.giveBackAfter(IDLE_MILLIS);
      } catch (InterruptedException ignored) {
        // Nobody interrupts a writer; close() stops it.
      }
    }
  }

  private void fill(Pending first, List<Pending> batch) {
    batch.add(first);
    long bytes = first.bytes();
    while (batch.size() < MAX_ENTRIES && bytes < MAX_BYTES) {
      Pending next = queue.poll();
      if (next == null) {
        return;
      }
      batch.add(next);
      bytes += next.bytes();
    }
  }

  /**
   * Writes a batch, whatever it takes; when this returns, each of its futures is completed, or it
   * is in the queue of those that are locked.
   */
  private void write(List<Pending> batch) {
    List<Pending> left = batch;
    long pause = FIRST_PAUSE_MILLIS;
    while (!left.isEmpty()) {
      try {
        if (triesAgain) {
          leave(batches.settle(left));
        } else {
          locked.addAll(batches.write(left));
        }
        return;
      } catch (SQLException failure) {
        batches.giveBack();
        if (Failure.of(failure) != Failure.AGAIN) {
          LOG.warn(
              "The journal cannot reach the database ({}); {} entries wait, next try in {} ms",
              failure.getMessage(),
              left.size(),
              pause);
        }
        left = giveUp(left, failure);
        sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      } catch (RuntimeException | Error bug) {
        LOG.error("The journal failed; {} entries are given up", left.size(), bug);
        IllegalStateException reason = new IllegalStateException("The journal failed", bug);
        left.forEach(pending -> pending.fail(reason));
        return;
      }
    }
  }

  private void leave(List<Pending> stillLocked) {
    if (!stillLocked.isEmpty()) {
      locked.addAll(
          giveUp(
              stillLocked,
              new SQLException("another transaction has locked what is needed", "55P03")));
      sleep(FIRST_PAUSE_MILLIS);
    }
  }

  /** Fails the starts whose callers have waited long enough, and everything when we are closing. */
  private List<Pending> giveUp(List<Pending> batch, SQLException failure) {
    long now = System.nanoTime();
    boolean closing = stopped && now - giveUpAt > 0;
    List<Pending> left = new ArrayList<>();
    for (Pending pending : batch) {
      boolean late = pending instanceof Pending.OfStart start && now - start.deadline() > 0;
      if (late || closing) {
        pending.fail(
            new DatabaseUnavailableException(
                "The database did not answer in time ("
                    + failure.getMessage()
                    + "). Whether this took effect is not known: start again with the same key,"
                    + " or look it up.",
                failure));
      } else {
        left.add(pending);
      }
    }
    return left;
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException ignored) {
      // Nobody interrupts a writer; close() stops it.
    }
  }
}
