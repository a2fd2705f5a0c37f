package dev.durable.internal.client;

import dev.durable.DurableException;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.service.FailureLog;
import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.ExecutionStore.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waiters for the ends of executions. Runs on this worker announce their ends; for all others, one
 * query polls for all waiters, often at first and then less often. If there are more waiters than
 * one query may ask for, they take turns, so the cost per second does not grow with their number.
 * Without waiters there is neither a thread nor a query.
 */
public final class ResultWaiters implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ResultWaiters.class);

  /** The most executions of one query. */
  public static final int BATCH = 500;

  private static final long FIRST_PAUSE = Duration.ofMillis(5).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofMillis(250).toNanos();

  /** The pause between queries while waiters take turns: 20 to 40 queries a second. */
  private static final long FIRST_TURN = Duration.ofMillis(25).toNanos();

  private static final long LONGEST_TURN = Duration.ofMillis(50).toNanos();

  private final ExecutionStore store;
  private final Services services;
  private final FailureLog complaints = new FailureLog(LOG);
  private final Map<UUID, Set<Waiter>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong questions = new AtomicLong();
  private final LinkedHashSet<UUID> turns = new LinkedHashSet<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean running;
  private volatile long pause;
  private boolean fresh;
  private volatile boolean closed;

  public ResultWaiters(ExecutionStore store, Services services) {
    this.store = store;
    this.services = services;
  }

  /** One waiter: only a query that began after it came may answer it. */
  private static final class Waiter extends CompletableFuture<End> {

    private final long since;
    private volatile boolean known;

    Waiter(long since, boolean known) {
      this.since = since;
      this.known = known;
    }
  }

  /**
   * The end of an execution on any worker. A failed or parked execution may be retried, so its end
   * is the one that the database has after this call.
   *
   * @param known whether it is known to exist; if not, and it does not exist, the future fails with
   *     {@link ExecutionNotFoundException}
   */
  public CompletableFuture<End> of(UUID id, boolean known) {
    Waiter waiter = new Waiter(questions.get(), known);
    waiting.compute(
        id,
        (key, list) -> {
          Set<Waiter> waiters = list == null ? ConcurrentHashMap.newKeySet() : list;
          waiters.add(waiter);
          return waiters;
        });
    waiter.whenComplete((end, failure) -> forget(id, waiter));
    ask(id);
    return waiter;
  }

  /** An execution has ended on this worker; unless it completed, it may be retried by now: asks. */
  public void announce(UUID id, End end) {
    if (end.status() == ExecutionStatus.COMPLETED) {
      Set<Waiter> waiters = waiting.remove(id);
      if (waiters != null) {
        waiters.forEach(waiter -> waiter.complete(end));
      }
    } else if (waiting.containsKey(id)) {
      ask(id);
    }
  }

  @SuppressWarnings("UndefinedEquals") // Identity is what is meant.
  private void forget(UUID id, Waiter waiter) {
    waiting.computeIfPresent(
        id,
        (key, list) -> {
          list.remove(waiter);
          return list.isEmpty() ? null : list;
        });
    lock.lock();
    try {
      if (!waiting.containsKey(id)) {
        turns.remove(id);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Polls for it next. */
  private void ask(UUID id) {
    lock.lock();
    try {
      turns.addFirst(id);
      fresh = true;
      changed.signal();
      if (closed) {
        failAll();
      } else if (!running) {
        services.start("results", this::round);
        running = true;
        pause = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean round(ServiceThread self) {
    self.rest();
    if (!pauseUnlessFresh(pause)) {
      return false;
    }
    self.beat();
    boolean ended = askOnce();
    long least = leastPause();
    long most = least == FIRST_TURN ? LONGEST_TURN : LONGEST_PAUSE;
    pause = ended ? least : Math.clamp(2 * pause, least, most);
    return true;
  }

  private long leastPause() {
    return waiting.size() > BATCH ? FIRST_TURN : FIRST_PAUSE;
  }

  /**
   * True if there is a waiter to ask for. Ends the thread otherwise. A single waiter is polled
   * immediately; while others wait, new ones come all the time, and join the next poll.
   */
  private boolean pauseUnlessFresh(long nanos) {
    long least = waiting.isEmpty() ? 0 : Math.min(nanos, leastPause());
    long begin = System.nanoTime();
    lock.lock();
    try {
      while (!closed) {
        long left = (fresh ? least : nanos) - (System.nanoTime() - begin);
        if (left <= 0) {
          break;
        }
        awaitChange(left);
      }
      fresh = false;
      running = !waiting.isEmpty() && !closed;
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** An interrupt meant for another thread: only close() and the last waiter end this one. */
  @SuppressWarnings("WaitNotInLoop") // Called in one.
  private void awaitChange(long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException notOurs) {
      LOG.debug("The thread that asks for results was interrupted and continues");
    }
  }

  private boolean askOnce() {
    long question = questions.incrementAndGet();
    List<UUID> asked = turn();
    try {
      Map<UUID, End> ends = store.ended(asked);
      ends.forEach(
          (id, end) -> waitersBefore(question, id).forEach(waiter -> waiter.complete(end)));
      return failMissing(question, asked) || !ends.isEmpty();
    } catch (Throwable failure) {
      complaints.log("Could not ask for results; trying again", failure);
      return false;
    } finally {
      takeTurnsAgain(asked);
    }
  }

  /** The executions whose turn it is. */
  private List<UUID> turn() {
    lock.lock();
    try {
      List<UUID> first = turns.stream().limit(BATCH).toList();
      first.forEach(turns::remove);
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Puts those still waited for last; a new waiter has already put its execution first. */
  private void takeTurnsAgain(List<UUID> asked) {
    lock.lock();
    try {
      asked.stream().filter(waiting::containsKey).forEach(turns::add);
    } finally {
      lock.unlock();
    }
  }

  /** Fails waiters of executions that do not exist. */
  private boolean failMissing(long question, List<UUID> asked) {
    List<UUID> unknown =
        asked.stream()
            .filter(id -> waitersBefore(question, id).stream().anyMatch(waiter -> !waiter.known))
            .toList();
    if (unknown.isEmpty()) {
      return false;
    }
    Map<UUID, ExecutionNotFoundException> missing = store.missing(unknown);
    for (UUID id : unknown) {
      ExecutionNotFoundException failure = missing.get(id);
      for (Waiter waiter : waitersBefore(question, id)) {
        if (failure != null && !waiter.known) {
          waiter.completeExceptionally(failure);
        }
        waiter.known = true;
      }
    }
    return !missing.isEmpty();
  }

  private List<Waiter> waitersBefore(long question, UUID id) {
    return waiting.getOrDefault(id, Set.of()).stream()
        .filter(waiter -> waiter.since < question)
        .toList();
  }

  private void failAll() {
    List<CompletableFuture<End>> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    waiting.clear();
    all.forEach(
        future ->
            future.completeExceptionally(
                new DurableException(
                    "This Durable instance was closed; the execution continues on another worker.")));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      failAll();
    } finally {
      lock.unlock();
    }
  }
}
