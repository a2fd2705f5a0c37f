package dev.durable.internal.journal;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Retries the entries that the writers have set aside: all whose pause is over together, without
 * waiting for a lock.
 */
final class DelayedEntries {

  private static final int MAX_ENTRIES = 500;
  private static final long LOOK_MILLIS = 100;
  private static final long TURN_MILLIS = 10;
  private static final Duration IDLE = Duration.ofSeconds(2);
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final BlockingQueue<Pending> queue;
  private final BatchWriter batches;
  private final List<Pending> waiting = new ArrayList<>();
  private final ServiceThread thread;
  private volatile boolean closing;
  private volatile long giveUpAt;

  DelayedEntries(
      Services services, String name, BlockingQueue<Pending> queue, BatchWriter batches) {
    this.queue = queue;
    this.batches = batches;
    this.thread = services.start(name, this::round, batches::giveBack);
  }

  void close() {
    giveUpAt = System.nanoTime() + FAREWELL.toNanos();
    closing = true;
  }

  void join() {
    thread.join(FAREWELL.multipliedBy(2));
  }

  private boolean round(ServiceThread self) throws InterruptedException {
    self.rest();
    Pending first = queue.poll(waiting.isEmpty() ? look() : TURN_MILLIS, TimeUnit.MILLISECONDS);
    self.beat();
    if (first != null) {
      waiting.add(first);
      queue.drainTo(waiting);
    }
    if (waiting.isEmpty()) {
      self.works();
      batches.giveBackAfter(IDLE);
      return !closing;
    }
    List<Pending> due = waiting.stream().filter(Pending::isDue).limit(MAX_ENTRIES).toList();
    if (!due.isEmpty()) {
      tryToWrite(due);
    }
    waiting.stream()
        .map(Pending::refusal)
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresentOrElse(self::fails, self::works);
    return true;
  }

  private long look() {
    return closing ? 0 : LOOK_MILLIS;
  }

  private void tryToWrite(List<Pending> due) {
    Throwable failure =
        new SQLException("another transaction has locked the rows it needs", "55P03");
    try {
      batches.writeAside(due);
    } catch (Throwable again) {
      failure = again;
      due.forEach(pending -> pending.setAside(again));
      JournalLog.failure(
          "The journal cannot write the entries it has set aside; they are tried again", again);
    }
    Throwable reason = failure;
    boolean over = closing && System.nanoTime() - giveUpAt > 0;
    waiting.removeIf(pending -> pending.isDecided() || pending.giveUp(reason, over));
  }
}
