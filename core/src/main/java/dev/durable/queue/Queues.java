package dev.durable.queue;

import dev.durable.execution.Execution;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Shows and steers queues, on all workers together. What an operator does here is a row in the
 * database: it survives restarts and deploys of the code. Thread-safe.
 *
 * <p>A queue exists once a worker has served it. Every method that names another one throws {@link
 * dev.durable.UnknownQueueException}, but for {@link #find}.
 */
public interface Queues {

  /**
   * Every queue with what is in it, in alphabetical order. Counts all executions that have not
   * ended: for an operator, not for a loop.
   */
  List<QueueState> list();

  /** One queue; empty if no worker has ever served it. */
  Optional<QueueState> find(String queue);

  /**
   * Lets no execution of the queue begin or go on, until {@link #resume}. Starts are accepted, and
   * wait. What runs goes on until it ends or comes to rest. To pause a queue that is paused
   * replaces who did it, when, and why.
   *
   * @param reason why, for other people
   * @param by who does it, for the record; may be empty
   * @throws IllegalArgumentException if the reason is blank
   * @throws dev.durable.UnknownQueueException if no worker has ever served the queue
   */
  void pause(String queue, String reason, String by);

  /** {@link #pause(String, String, String)} without saying who does it. */
  default void pause(String queue, String reason) {
    pause(queue, reason, "");
  }

  /**
   * Ends a pause; workers that hear of it look at once, others at their next poll. Does nothing if
   * the queue is not paused.
   *
   * @throws dev.durable.UnknownQueueException if no worker has ever served the queue
   */
  void resume(String queue);

  /**
   * Pauses the queue, unless it is paused, and waits until no worker owns an execution of it. It
   * stays paused. Executions that have come to rest, as those that wait for an event, are not
   * waited for.
   *
   * @param atMost how long to wait
   * @return the executions that still run when the time is up, at most 1,000; empty if none does
   * @throws IllegalArgumentException if the time is negative
   * @throws IllegalStateException inside the caller's transaction: no worker could see the pause
   * @throws dev.durable.DurableException if the thread is interrupted; the queue stays paused
   * @throws dev.durable.UnknownQueueException if no worker has ever served the queue
   */
  List<Execution> drain(String queue, Duration atMost);

  /**
   * Sets limits instead of those that the code declares, until {@link #clearOverrides}. Replaces
   * what an earlier call has set, all of it; what is not named is as the code has it. What runs
   * goes on if a limit is less than before.
   *
   * @param by who does it, for the record; may be empty
   * @param with the limits: {@code l -> l.globalConcurrency(10).noRate()}
   * @throws IllegalArgumentException if no limit is named
   * @throws dev.durable.UnknownQueueException if no worker has ever served the queue
   */
  void limits(String queue, String by, Consumer<? super LimitOptions> with);

  /** {@link #limits(String, String, Consumer)} without saying who does it. */
  default void limits(String queue, Consumer<? super LimitOptions> with) {
    limits(queue, "", with);
  }

  /**
   * Takes away what {@link #limits} has set: the limits of the code hold again. Does nothing if
   * there is nothing to take away.
   *
   * @throws dev.durable.UnknownQueueException if no worker has ever served the queue
   */
  void clearOverrides(String queue);
}
