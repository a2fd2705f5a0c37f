package dev.durable.internal.client;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.Engine;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.worker.Slots;
import dev.durable.internal.worker.Worker;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The worker of this instance and its engine, as the instance's own calls use them: new executions
 * run here at once, and running ones learn of a signal before its hint arrives. A client has none.
 */
public record LocalWorker(Engine engine, Worker worker) {

  /** A place is a free slot of this worker, and the lease under which it will own an execution. */
  record Place(Slots.Slot slot, UUID lease) {}

  /** Claims executions from now on. */
  public void start() {
    engine.onDue(worker::dueIn);
    worker.start();
  }

  /**
   * Takes a place for a start, if it is due at once without a deadline, whose distance only the
   * database knows, its definition is registered here and a slot is free; the run is expected from
   * now on.
   */
  @Nullable Place place(StartRow row) {
    boolean now = row.delay() == null && row.at() == null && row.deadline() == null;
    boolean runsHere = engine.canRun(row.workflow(), row.version(), row.fingerprint());
    if (!now || !runsHere || worker.lease() == null) {
      return null;
    }
    Slots.Slot slot = worker.tryTake(row.queue());
    if (slot == null) {
      return null;
    }
    // Asked again: the lease may have been lost while the slot was taken.
    UUID lease = worker.lease();
    if (lease == null) {
      slot.free();
      return null;
    }
    engine.expect(row.id());
    return new Place(slot, lease);
  }

  /** Runs a start that was committed as owned by this worker. */
  CompletableFuture<@Nullable End> launch(StartRow row, JsonValue input, Place place) {
    return engine.launch(
        Claimed.of(row),
        ClaimedHistory.NONE,
        input,
        place.slot(),
        () -> worker.hasLease(place.lease()));
  }

  /** Its start has been answered, and its execution launched if it is owned here. */
  void answered(UUID execution) {
    engine.answered(execution);
  }

  /** An execution was added that no worker owns yet: claims it when it is due. */
  void dueIn(Duration wait) {
    worker.dueIn(wait);
  }

  /** An event or an answer was sent to an execution that may run here. */
  public void signalled(UUID execution) {
    engine.signalled(execution);
    worker.look();
  }
}
