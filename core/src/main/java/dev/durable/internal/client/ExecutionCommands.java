package dev.durable.internal.client;

import dev.durable.internal.store.client.CancelStore;
import dev.durable.internal.store.client.RetryStore;
import dev.durable.internal.store.client.WaitStore;
import dev.durable.internal.store.journal.Ownership;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Operators' commands: cancels and retries executions, cancels waits. Each is a change in the
 * database; the worker of this instance then learns of it at once, others by a hint or a poll.
 */
public record ExecutionCommands(
    CancelStore cancels,
    RetryStore retries,
    WaitStore waits,
    ExecutionReads reads,
    LocalWorkers workers) {

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
