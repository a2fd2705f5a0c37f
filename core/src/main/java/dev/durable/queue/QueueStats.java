package dev.durable.queue;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in a queue, by the database's clock, all at one moment. Each execution that has not ended
 * counts once in {@code due}, {@code delayed}, {@code running} or {@code waiting}, unless it is
 * parked.
 *
 * <p>The numbers of starts and ends are approximate: they count among the last 50,000 executions
 * that were started within the last day, in all queues together. What was started before that does
 * not count when it ends.
 *
 * @param due how many could run now, if a worker had a place and the limits allowed it
 * @param delayed how many have not begun, because their time has not come
 * @param running how many a worker owns
 * @param waiting how many have begun and wait: for an event, a person, a child, or a time
 * @param oldestDue for how long the one that has been due for longest has been so, or null if none
 *     is due; one that has lost its worker is due since it was due first
 * @param startedLastMinute how many were started within a minute, children too
 * @param startedLastHour how many were started within an hour
 * @param endedLastMinute how many ended within a minute, in whatever way
 * @param endedLastHour how many ended within an hour
 * @param workers those that serve the queue, or own executions of it, by name
 */
public record QueueStats(
    long due,
    long delayed,
    long running,
    long waiting,
    @Nullable Duration oldestDue,
    long startedLastMinute,
    long startedLastHour,
    long endedLastMinute,
    long endedLastHour,
    List<QueueWorker> workers) {

  /** Copies the list. */
  public QueueStats {
    workers = List.copyOf(workers);
  }

  /** How many are in the queue and have not ended, but for those that are parked. */
  public long open() {
    return due + delayed + running + waiting;
  }

  /** Whether a live worker takes executions of the queue. */
  public boolean isServed() {
    return workers.stream().anyMatch(QueueWorker::serves);
  }
}
