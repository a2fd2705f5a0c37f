package dev.durable.internal.client;

import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.CancelStore;
import dev.durable.internal.store.client.RescheduleStore;
import dev.durable.internal.store.client.RetryStore;
import dev.durable.internal.store.client.WaitStore;
import dev.durable.internal.store.journal.Ownership;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Operators' commands: cancels, retries, gives up and reschedules executions, cancels waits. Each
 * is a change in the database; the worker of this instance then learns of it at once, others by a
 * hint or a poll.
 */
public record ExecutionCommands(
    CancelStore cancels,
    RetryStore retries,
    RescheduleStore reschedules,
    WaitStore waits,
    ExecutionReads reads,
    LocalWorkers workers) {

  /**
   * The commands of an instance.
   *
   * @param workers the workers of the instance
   */
  public static ExecutionCommands of(Stores stores, ExecutionReads reads, LocalWorkers workers) {
    return new ExecutionCommands(
        stores.cancels(), stores.retries(), stores.reschedules(), stores.waits(), reads, workers);
  }

  public void cancel(UUID id, String reason) {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(reason, "reason");
    Ownership lost = cancels.cancel(id, reason);
    workers.abandon(lost, "it was cancelled");
  }

  public void retry(UUID id) {
    Objects.requireNonNull(id, "id");
    retries.retry(id);
    workers.look();
  }

  public void giveUp(UUID id, String reason) {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(reason, "reason");
    cancels.giveUp(id, reason);
    workers.look();
  }

  public void reschedule(UUID id, Instant time) {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(time, "time");
    reschedules.move(id, new RescheduleStore.Due(time, null));
    workers.look();
  }

  public void reschedule(UUID id, Duration wait) {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(wait, "wait");
    if (wait.isNegative()) {
      throw new IllegalArgumentException("An execution cannot be due " + wait + " from now.");
    }
    reschedules.move(id, new RescheduleStore.Due(null, wait));
    workers.dueIn(wait);
  }

  /**
   * Cancels open waits of an execution.
   *
   * @param path of one wait; null for all
   */
  public void cancelWaits(UUID id, @Nullable String path) {
    Objects.requireNonNull(id, "id");
    if (waits.cancel(id, path) == 0) {
      throw NothingToCancel.of(reads.require(id), path, waits.list(id));
    }
    workers.signalled(id);
  }
}
