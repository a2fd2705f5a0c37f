package dev.durable.internal.client;

import dev.durable.DurableException;
import dev.durable.UnknownQueueException;
import dev.durable.execution.Execution;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.DefinitionStore;
import dev.durable.internal.store.client.QueueLimitsJson;
import dev.durable.internal.store.client.QueueStateStore;
import dev.durable.internal.store.client.QueueStore;
import dev.durable.internal.text.Reason;
import dev.durable.queue.LimitOptions;
import dev.durable.queue.QueueState;
import dev.durable.queue.Queues;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads and changes the rows of queues.
 *
 * @param definitions has the names of all queues
 * @param enforcing waits for claims that are under way and may not have seen a pause
 * @param commits whether each change is committed at once: others see a pause only then
 * @param changed runs after more may be begun than before
 */
public record StoredQueues(
    QueueStore store,
    QueueStateStore states,
    DefinitionStore definitions,
    Consumer<String> enforcing,
    boolean commits,
    Runnable changed)
    implements Queues {

  private static final int MOST_LEFT = 1_000;
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(500);
  private static final Duration LONGEST_WAIT = Duration.ofDays(36_500);

  static StoredQueues of(Stores stores, boolean commits, Runnable changed) {
    return new StoredQueues(
        stores.queues(),
        stores.queueStates(),
        stores.definitions(),
        queue -> stores.limits().enforce(stores.database(), queue),
        commits,
        changed);
  }

  @Override
  public List<QueueState> list() {
    return states.list();
  }

  @Override
  public Optional<QueueState> find(String queue) {
    return states.find(Objects.requireNonNull(queue, "queue"));
  }

  @Override
  public void pause(String queue, String reason, String by) {
    Objects.requireNonNull(queue, "queue");
    Reason.require(reason);
    Objects.requireNonNull(by, "by");
    require(store.pause(queue, reason, by, true), queue);
  }

  @Override
  public void resume(String queue) {
    require(store.resume(Objects.requireNonNull(queue, "queue")), queue);
    changed.run();
  }

  @Override
  public void limits(String queue, String by, Consumer<? super LimitOptions> with) {
    Objects.requireNonNull(queue, "queue");
    Objects.requireNonNull(by, "by");
    String limits = QueueLimitsJson.write(LimitOptions.of(with).values());
    require(store.override(queue, limits, by), queue);
    changed.run();
  }

  @Override
  public void clearOverrides(String queue) {
    require(store.override(Objects.requireNonNull(queue, "queue"), null, null), queue);
    changed.run();
  }

  @Override
  public List<Execution> drain(String queue, Duration atMost) {
    Objects.requireNonNull(queue, "queue");
    Objects.requireNonNull(atMost, "atMost");
    if (atMost.isNegative()) {
      throw new IllegalArgumentException("The time to drain a queue is negative: " + atMost);
    }
    if (!commits) {
      throw new IllegalStateException(
          "Queue '"
              + queue
              + "' cannot be drained inside a transaction: no worker sees the pause before its"
              + " commit. Use durable.independently().queues().");
    }
    require(store.pause(queue, "is being drained", "", false), queue);
    enforcing.accept(queue);
    return awaitRest(queue, atMost.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : atMost);
  }

  private List<Execution> awaitRest(String queue, Duration atMost) {
    long begin = System.nanoTime();
    for (long pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      long left = atMost.toNanos() - (System.nanoTime() - begin);
      if (store.owned(queue, 1).isEmpty()) {
        return List.of();
      }
      if (left <= 0) {
        return store.owned(queue, MOST_LEFT);
      }
      sleep(queue, Math.min(pause, left));
    }
  }

  private static void sleep(String queue, long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new DurableException(
          "Interrupted while draining queue '" + queue + "', which stays paused.", interrupted);
    }
  }

  private void require(boolean known, String queue) {
    if (!known) {
      throw new UnknownQueueException(queue, new TreeSet<>(definitions.queues()));
    }
  }
}
