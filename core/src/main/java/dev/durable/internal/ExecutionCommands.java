package dev.durable.internal;

import dev.durable.internal.store.ExecutionStore;
import dev.durable.internal.store.Ownership;
import dev.durable.internal.store.WaitStore;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Operators' commands: cancels and retries executions, cancels waits. Each is a change in the
 * database; the worker of this instance then learns of it at once, others by a hint or a poll.
 */
record ExecutionCommands(
    ExecutionStore executions, WaitStore waits, ExecutionReads reads, @Nullable LocalWorker local) {

  void cancel(UUID id, String reason) {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(reason, "reason");
    Ownership lost = executions.cancel(id, reason);
    if (local != null) {
      local.engine().abandon(lost, "it was cancelled");
    }
  }

  void retry(UUID id) {
    Objects.requireNonNull(id, "id");
    executions.retry(id);
    if (local != null) {
      local.worker().look();
    }
  }

  /**
   * @param path of one wait; null for all
   */
  void cancelWaits(UUID id, @Nullable String path) {
    Objects.requireNonNull(id, "id");
    if (waits.cancel(id, path) == 0) {
      throw NothingToCancel.of(reads.require(id), path, waits.list(id));
    }
    if (local != null) {
      local.signalled(id);
    }
  }
}
