package dev.durable.internal.worker;

import dev.durable.internal.store.worker.DeadlineStore;
import dev.durable.internal.store.worker.DeadlineStore.Late;
import java.util.List;

/**
 * Ends executions that have passed their deadline without a slot: they wait behind a full queue,
 * wait for a signal, or belong to a workflow that no live worker has. Running ones are ended by
 * their own worker. For one thread.
 */
final class DeadlineSweep {

  static final int BATCH = 100;

  private final DeadlineStore store;
  private final Workload workload;

  DeadlineSweep(DeadlineStore store, Workload workload) {
    this.store = store;
    this.workload = workload;
  }

  /**
   * Ends a batch of them.
   *
   * @return whether there may be more
   */
  boolean endSome() {
    List<Late> ended = store.end(BATCH);
    ended.forEach(workload::tooLate);
    return ended.size() == BATCH;
  }
}
