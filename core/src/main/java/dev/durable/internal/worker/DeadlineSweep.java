package dev.durable.internal.worker;

import dev.durable.internal.store.DeadlineStore;
import dev.durable.internal.store.DeadlineStore.Late;
import java.util.List;

/**
 * Ends what has passed its deadline without a slot: what waits behind a full queue, rests, or is of
 * a workflow that no live worker has. What runs is ended by its own worker. For one thread.
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
   * Ends some of them.
   *
   * @return whether there may be more
   */
  boolean endSome() {
    List<Late> ended = store.end(BATCH);
    ended.forEach(workload::tooLate);
    return ended.size() == BATCH;
  }
}
