package dev.durable.internal.client;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.client.EndWaiters.Waiter;
import dev.durable.internal.service.FailureLog;
import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.ExecutionStore.End;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waiters for the ends of executions. Runs on this worker announce their ends; for all others, one
 * query polls for all waiters, often at first and then less often. If there are more waiters than
 * one query may ask for, they take turns, so the cost per second does not grow with their number.
 * Without waiters there is neither a thread nor a query.
 *
 * <p>Where to look next: {@link EndWaiters} for the waiters, {@link ResultTurns} for the order of
 * their executions and the polling thread's waits.
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
  private final EndWaiters waiting = new EndWaiters();
  private final ResultTurns turns = new ResultTurns(waiting, this::startThread);
  private final AtomicLong questions = new AtomicLong();
  private volatile long pause;

  public ResultWaiters(ExecutionStore store, Services services) {
    this.store = store;
    this.services = services;
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
    waiting.add(id, waiter);
    waiter.whenComplete(
        (end, failure) -> {
          waiting.remove(id, waiter);
          turns.forget(id);
        });
    turns.first(id);
    return waiter;
  }

  /** An execution has ended on this worker; unless it completed, it may be retried by now: asks. */
  public void announce(UUID id, End end) {
    if (end.status() == ExecutionStatus.COMPLETED) {
      waiting.complete(id, end);
    } else if (waiting.has(id)) {
      turns.first(id);
    }
  }

  private void startThread() {
    services.start("results", this::round);
    pause = 0;
  }

  /**
   * A single waiter is polled immediately; while others wait, new ones come all the time, and join
   * the next poll.
   */
  private boolean round(ServiceThread self) {
    self.rest();
    long nanos = pause;
    if (!turns.await(nanos, waiting.isEmpty() ? 0 : Math.min(nanos, leastPause()))) {
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
    return waiting.executions() > BATCH ? FIRST_TURN : FIRST_PAUSE;
  }

  private boolean askOnce() {
    long question = questions.incrementAndGet();
    List<UUID> asked = turns.take(BATCH);
    try {
      Map<UUID, End> ends = store.ended(asked);
      ends.forEach((id, end) -> waiting.complete(id, end, question));
      return failMissing(question, asked) || !ends.isEmpty();
    } catch (Throwable failure) {
      complaints.log("Could not ask for results; trying again", failure);
      return false;
    } finally {
      turns.again(asked);
    }
  }

  /** Fails waiters of executions that do not exist. */
  private boolean failMissing(long question, List<UUID> asked) {
    List<UUID> unknown = asked.stream().filter(id -> waiting.isUnknown(id, question)).toList();
    if (unknown.isEmpty()) {
      return false;
    }
    Map<UUID, ExecutionNotFoundException> missing = store.missing(unknown);
    unknown.forEach(id -> waiting.found(id, question, missing.get(id)));
    return !missing.isEmpty();
  }

  @Override
  public void close() {
    turns.close();
  }
}
