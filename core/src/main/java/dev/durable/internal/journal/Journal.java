package dev.durable.internal.journal;

import dev.durable.internal.service.Services;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit. Running executions offer their entries here, and callers their starts. Each writer
 * takes all that has piled up while its previous commit was in flight, and writes it with one
 * statement per kind. There is no timer and no artificial delay: alone, an entry costs one commit;
 * under load hundreds share one.
 *
 * <p>Where to look next: {@link JournalQueue} for what a writer takes at once, {@link
 * JournalWriter} for a writer's loop, {@link BatchWriter} for one batch and its failures, {@link
 * DelayedEntries} for entries that are locked or refused, {@link Pending} for the state of an entry
 * between tries. The database compares owner and token of each entry ({@code
 * store.EntryStatement}); one that lost its execution fails with {@link FencedException}.
 */
public final class Journal implements AutoCloseable {

  /** The longest time that a start waits for the database. */
  public static final Duration START_PATIENCE = Duration.ofSeconds(30);

  private static final int WRITERS = 2;

  /** Time for the writers to fail a late start themselves, with the reason. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final JournalQueue queue = new JournalQueue();
  private final BlockingQueue<Pending> aside = new LinkedBlockingQueue<>();
  private final Services services;
  private final Supplier<BatchWriter> batches;
  private final List<JournalWriter> writers = new CopyOnWriteArrayList<>();
  private final ReentrantLock opening = new ReentrantLock();
  private @Nullable DelayedEntries retrier;
  private boolean closed;
  private volatile boolean open;
  private volatile Runnable onOpen = () -> {};

  /** In the order in which their callers have waited long enough. */
  private final Queue<Pending.OfStart> starts = new ConcurrentLinkedQueue<>();

  private final Duration startPatience;

  /**
   * Starts its threads with the first entry; they take connections only while there is something to
   * write.
   *
   * @param services for the threads
   * @param patience the longest time for one answer of the database
   * @param hints receives the hints for other workers after each commit
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
   * @param startPatience the longest time a caller of a start waits for the database
   */
  Journal(
      Services services,
      Database database,
      Duration patience,
      JournalStore store,
      Consumer<Collection<String>> hints,
      Duration startPatience) {
    this.startPatience = startPatience;
    this.services = services;
    this.batches = () -> new BatchWriter(database, store, hints, patience);
  }

  /** Calls this once, when its threads start. */
  public void onOpen(Runnable listener) {
    this.onOpen = listener;
  }

  /**
   * Starts the threads that have not been started; what fails is tried again with the next entry.
   */
  private void open() {
    if (open) {
      return;
    }
    opening.lock();
    try {
      if (open || closed) {
        return;
      }
      while (writers.size() < WRITERS) {
        String name = "journal-" + (writers.size() + 1);
        writers.add(new JournalWriter(services, name, queue, aside, batches.get()));
      }
      if (retrier == null) {
        retrier = new DelayedEntries(services, "journal-locked", aside, batches.get());
      }
      onOpen.run();
      open = true;
    } finally {
      opening.unlock();
    }
  }

  /**
   * Offers an entry. The future fails with {@link FencedException} if its owner does not own the
   * execution, with {@link RejectedEntryException} if its value can never be stored, and with
   * {@link IllegalStateException} or {@link dev.durable.DatabaseUnavailableException} if the
   * journal closes first. After any other failure the entry is kept and tried again.
   */
  public CompletableFuture<Void> offer(Entry entry) {
    open();
    CompletableFuture<Void> future = new CompletableFuture<>();
    queue.put(new Pending.OfEntry(entry, future));
    return future;
  }

  /**
   * Offers a start. The future fails with {@link dev.durable.DatabaseUnavailableException} if the
   * database stays away.
   */
  public CompletableFuture<StartResult> start(StartRow row) {
    open();
    CompletableFuture<StartResult> future = new CompletableFuture<>();
    Pending.OfStart start =
        new Pending.OfStart(row, future, System.nanoTime() + startPatience.toNanos());
    starts.add(start);
    queue.put(start);
    return future;
  }

  /**
   * Gives up starts whose callers have waited long enough, in case the writers are blocked. To be
   * called regularly by one thread; never blocks.
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

  /**
   * Writes all entries that have been offered, then ends the writers. An entry that the database
   * does not take in time fails.
   */
  @Override
  public void close() {
    queue.close();
    DelayedEntries delayed;
    opening.lock();
    try {
      closed = true;
      delayed = retrier;
    } finally {
      opening.unlock();
    }
    writers.forEach(JournalWriter::close);
    writers.forEach(JournalWriter::join);
    if (delayed != null) {
      delayed.close();
      delayed.join();
    }
    queue.failRest();
    JournalQueue.failRest(aside);
    starts.forEach(start -> start.giveUp(new IllegalStateException("this instance is closed")));
  }

  @Override
  public String toString() {
    return "journal: "
        + queue
        + ", "
        + aside.size()
        + " set aside, "
        + starts.size()
        + " starts unanswered";
  }
}
