package dev.durable.internal.client;

import dev.durable.execution.Execution;
import dev.durable.queue.LimitOptions;
import dev.durable.queue.QueueState;
import dev.durable.queue.Queues;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Queues of which each call chooses the transaction. */
record CurrentQueues(Supplier<Queues> now) implements Queues {

  @Override
  public List<QueueState> list() {
    return now.get().list();
  }

  @Override
  public Optional<QueueState> find(String queue) {
    return now.get().find(queue);
  }

  @Override
  public void pause(String queue, String reason, String by) {
    now.get().pause(queue, reason, by);
  }

  @Override
  public void resume(String queue) {
    now.get().resume(queue);
  }

  @Override
  public List<Execution> drain(String queue, Duration atMost) {
    return now.get().drain(queue, atMost);
  }

  @Override
  public void limits(String queue, String by, Consumer<? super LimitOptions> with) {
    now.get().limits(queue, by, with);
  }

  @Override
  public void clearOverrides(String queue) {
    now.get().clearOverrides(queue);
  }
}
