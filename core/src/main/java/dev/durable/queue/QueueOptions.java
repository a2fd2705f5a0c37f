package dev.durable.queue;

import dev.durable.internal.form.Form;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How this worker works on one queue, and the limits of the queue on all workers. A form: it can be
 * changed until the lambda that receives it has returned. Not thread-safe.
 *
 * <p>All but {@link #concurrency(int)} belong to the queue, not to the worker: they are stored when
 * a worker with them starts, and hold for all workers. If two workers declare different ones, those
 * of the worker that started last hold. A worker that has no options for a queue leaves its limits
 * as they are; one whose options name no limit takes them away. Without them, a queue is not
 * limited, and nothing is counted.
 */
public final class QueueOptions {

  /** The default number of executions that one worker runs at a time in one queue: 1,000. */
  public static final int DEFAULT_CONCURRENCY = 1_000;

  private static final Duration SHORTEST_AGING = Duration.ofMillis(1);
  private static final Duration LONGEST_AGING = Duration.ofDays(366);

  private final Form form = new Form();
  private int concurrency = DEFAULT_CONCURRENCY;
  private @Nullable Integer globalConcurrency;
  private @Nullable Integer perKey;
  private @Nullable Rate rate;
  private @Nullable Rate ratePerKey;
  private boolean countWaiting;
  private boolean fair;
  private @Nullable Duration aging;

  /** The defaults. */
  private QueueOptions() {}

  /** The options that the lambda fills in. */
  public static QueueOptions of(Consumer<? super QueueOptions> with) {
    QueueOptions options = new QueueOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * How many executions of this queue this worker runs at a time. Default {@value
   * #DEFAULT_CONCURRENCY}: each is a virtual thread, so the limit protects what the steps call, not
   * the JVM.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public QueueOptions concurrency(int executions) {
    this.concurrency = limit(executions, "concurrency");
    return this;
  }

  /**
   * How many executions of this queue run at a time on all workers together. Default: no limit.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public QueueOptions globalConcurrency(int executions) {
    this.globalConcurrency = limit(executions, "globalConcurrency");
    return this;
  }

  /**
   * How many executions with the same {@link dev.durable.StartOptions#limitKey limit key} run at a
   * time on all workers together. Executions without a key are not held back by it. Default: no
   * limit.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public QueueOptions perKey(int executions) {
    this.perKey = limit(executions, "perKey");
    return this;
  }

  /**
   * How many executions of this queue begin within any period of that length, on all workers
   * together. An execution begins once: what continues after a wait, a retry of a step or the loss
   * of its worker does not count again. Default: no limit.
   *
   * @throws IllegalArgumentException if less than 1, or if the period is shorter than a millisecond
   *     or longer than 366 days
   */
  public QueueOptions rate(int executions, Duration period) {
    form.requireOpen();
    this.rate = new Rate(executions, period);
    return this;
  }

  /**
   * The same for the executions with the same {@link dev.durable.StartOptions#limitKey limit key}.
   * Executions without a key are not held back by it. Default: no limit.
   *
   * @throws IllegalArgumentException if less than 1, or if the period is shorter than a millisecond
   *     or longer than 366 days
   */
  public QueueOptions ratePerKey(int executions, Duration period) {
    form.requireOpen();
    this.ratePerKey = new Rate(executions, period);
    return this;
  }

  /**
   * Lets executions that have begun and wait keep their place in {@link #globalConcurrency} and
   * {@link #perKey}: at most so many are begun and not ended. Default: only those that run count.
   *
   * <p>An execution must not wait for another one that needs a place in the same queue, such as a
   * child: when all places are taken by executions that wait like this, none goes on.
   */
  public QueueOptions countWaiting() {
    form.requireOpen();
    this.countWaiting = true;
    return this;
  }

  /**
   * Lets {@link dev.durable.StartOptions#limitKey limit keys} take turns, however long the backlog
   * of one of them is: after priority, and before the time since which an execution is due.
   * Executions without a key take turns as if they had one in common. Default: the one that has
   * been due for longest goes first.
   */
  public QueueOptions fair() {
    form.requireOpen();
    this.fair = true;
    return this;
  }

  /**
   * Counts an execution as one priority higher for each such time that it has been due, so that
   * none waits for ever behind those of a higher priority. Default: no aging.
   *
   * @throws IllegalArgumentException if shorter than a millisecond or longer than 366 days
   */
  public QueueOptions aging(Duration each) {
    form.requireOpen();
    Objects.requireNonNull(each, "each");
    if (each.compareTo(SHORTEST_AGING) < 0 || each.compareTo(LONGEST_AGING) > 0) {
      throw new IllegalArgumentException("aging must be between 1 ms and 366 days: " + each);
    }
    this.aging = each;
    return this;
  }

  private int limit(int executions, String name) {
    form.requireOpen();
    if (executions < 1) {
      throw new IllegalArgumentException(name + " must be at least 1: " + executions);
    }
    return executions;
  }

  /** How many executions of this queue this worker runs at a time. */
  public int concurrency() {
    return concurrency;
  }

  /** How many run at a time on all workers, or null. */
  public @Nullable Integer globalConcurrency() {
    return globalConcurrency;
  }

  /** How many of one key run at a time on all workers, or null. */
  public @Nullable Integer perKey() {
    return perKey;
  }

  /** How many begin within a period, or null. */
  public @Nullable Rate rate() {
    return rate;
  }

  /** How many of one key begin within a period, or null. */
  public @Nullable Rate ratePerKey() {
    return ratePerKey;
  }

  /** Whether executions that wait keep their place. */
  public boolean countsWaiting() {
    return countWaiting;
  }

  /** Whether keys take turns. */
  public boolean isFair() {
    return fair;
  }

  /** After how long an execution counts as one priority higher, or null. */
  public @Nullable Duration aging() {
    return aging;
  }
}
