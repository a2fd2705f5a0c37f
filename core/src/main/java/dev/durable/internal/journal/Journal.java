package dev.durable.internal.journal;

import dev.durable.internal.service.Services;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.Entry;
import dev.durable.internal.store.JournalStore;
import dev.durable.internal.store.StartResult;
import dev.durable.internal.store.StartRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Group commit. Whatever running executions and callers want to make durable is offered here; each
 * writer takes all that has piled up while its previous commit was in flight, and writes it with
 * one statement per kind. No timer and no artificial delay: alone, an entry costs one commit; under
 * load hundreds share one.
 *
 * <p>The queue is bounded, so a slow database slows the steps down and never fills the heap.
 */
public final class Journal implements AutoCloseable {

  private static final int WRITERS = 2;
  private static final int CAPACITY = 20_000;
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

  /** The writers, if they can, say why. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long LOOK_MILLIS = 200;

  private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final BlockingQueue<Pending> aside = new LinkedBlockingQueue<>();
  private final List<JournalWriter> writers = new ArrayList<>();
  private final DelayedEntries retrier;

  /** In the order in which their callers have waited long enough. */
  private final Queue<Pending.OfStart> starts = new ConcurrentLinkedQueue<>();

  private final Duration startPatience;
  private volatile boolean closed;

  /**
   * Starts the writers; they take connections only when there is something to write.
   *
   * @param services for the threads
   * @param patience how long one answer of the database may take
   * @param hints gets what other workers are to be told, after the commit
   */
  public Journal(
      Services services,
      Database database,
      Duration patience,
      JournalStore store,
      Consumer<Collection<String>> hints) {
    this(services, database, patience, store, hints, START_PATIENCE);
  }

  /**
   * @param startPatience how long the caller of a start waits for the database
   */
  Journal(
      Services services,
      Database database,
      Duration patience,
      JournalStore store,
      Consumer<Collection<String>> hints,
      Duration startPatience) {
    this.startPatience = startPatience;
    for (int i = 1; i <= WRITERS; i++) {
      BatchWriter batches = new BatchWriter(database, store, hints, patience);
      writers.add(new JournalWriter(services, "journal-" + i, queue, aside, batches));
    }
    BatchWriter batches = new BatchWriter(database, store, hints, patience);
    retrier = new DelayedEntries(services, "journal-locked", aside, batches);
  }

  /**
   * Offers an entry. The future fails with {@link FencedException} if its owner does not own the
   * execution, with {@link RejectedEntryException} if its value can never be stored, and with
   * {@link IllegalStateException} or {@link dev.durable.DatabaseUnavailableException} if the
   * journal closes first. Any other failure is not its fault: the entry is kept and tried again.
   */
  public CompletableFuture<Void> offer(Entry entry) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    put(new Pending.OfEntry(entry, future));
    return future;
  }

  /**
   * Offers a start. The future fails with {@link dev.durable.DatabaseUnavailableException} if the
   * database stays away.
   */
  public CompletableFuture<StartResult> start(StartRow row) {
    CompletableFuture<StartResult> future = new CompletableFuture<>();
    Pending.OfStart start =
        new Pending.OfStart(row, future, System.nanoTime() + startPatience.toNanos());
    starts.add(start);
    put(start);
    return future;
  }

  /**
   * Gives up starts whose callers have waited long enough, should the writers be held up. To be
   * called now and then, by one thread, which this does not hold up.
   */
  public void giveUpLateStarts() {
    for (Pending.OfStart first = starts.peek(); first != null; first = starts.peek()) {
      if (!first.isDecided()) {
        if (!first.isLateBy(GRACE_NANOS)) {
          return;
        }
        first.giveUp(trouble());
      }
      starts.remove();
    }
  }

  private Throwable trouble() {
    for (JournalWriter writer : writers) {
      Throwable trouble = writer.trouble();
      if (trouble != null) {
        return trouble;
      }
    }
    return new IllegalStateException("the journal is held up");
  }

  /** Waits while the queue is full, but not for a start that has been given up. */
  private void put(Pending pending) {
    boolean interrupted = false;
    boolean queued = false;
    while (!queued && !pending.isDecided()) {
      if (closed) {
        pending.fail(new IllegalStateException("This Durable instance is closed."));
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
      failWhatIsLeft(queue);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes what has been offered, then ends the writers. What the database does not take in time
   * fails.
   */
  @Override
  public void close() {
    closed = true;
    writers.forEach(JournalWriter::close);
    writers.forEach(JournalWriter::join);
    retrier.close();
    retrier.join();
    failWhatIsLeft(queue);
    failWhatIsLeft(aside);
    starts.forEach(start -> start.giveUp(new IllegalStateException("this instance is closed")));
  }

  private static void failWhatIsLeft(BlockingQueue<Pending> offered) {
    List<Pending> left = new ArrayList<>();
    offered.drainTo(left);
    left.forEach(
        pending -> pending.fail(new IllegalStateException("This Durable instance is closed.")));
  }
}
