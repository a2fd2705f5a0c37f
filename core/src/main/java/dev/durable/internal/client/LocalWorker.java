package dev.durable.internal.client;

import dev.durable.Worker;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.Engine;
import dev.durable.internal.schedule.Scheduler;
import dev.durable.internal.service.Lifetime;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.worker.LeasedWorker;
import dev.durable.internal.worker.Slots;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The worker of this instance and its engine, as the instance's own calls use them: new executions
 * run here at once, and running ones learn of a signal before its hint arrives. A client has none.
 */
public final class LocalWorker implements Worker {

  private final String name;
  private final Engine engine;
  private final LeasedWorker worker;
  private final Scheduler scheduler;
  private final Consumer<LocalWorker> closing;
  private final Consumer<LocalWorker> closed;
  private final ReentrantLock starting = new ReentrantLock();
  private final Lifetime lifetime = new Lifetime("worker", this::closeParts);

  /**
   * @param name the worker's name, for people
   * @param closing is told when it begins to close
   * @param closed is told when it has ended
   */
  LocalWorker(
      String name,
      Engine engine,
      LeasedWorker worker,
      Scheduler scheduler,
      Consumer<LocalWorker> closing,
      Consumer<LocalWorker> closed) {
    this.name = name;
    this.engine = engine;
    this.worker = worker;
    this.scheduler = scheduler;
    this.closing = closing;
    this.closed = closed;
  }

  /** A place is a free slot of this worker, and the lease under which it will own an execution. */
  record Place(Slots.Slot slot, UUID lease) {}

  /**
   * Claims executions from now on.
   *
   * @param thread the name of the thread that keeps the JVM alive meanwhile
   * @throws IllegalStateException if it has begun to close; it has not been started then
   */
  void start(String thread) {
    starting.lock();
    try {
      lifetime.requireOpen();
      engine.onDue(worker::dueIn);
      engine.onScheduledEnd(scheduler::ended);
      worker.start();
      scheduler.start();
      lifetime.holdJvm(thread);
    } finally {
      starting.unlock();
    }
  }

  // ---- Worker ----

  @Override
  public UUID id() {
    return worker.id();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isAlive() {
    return !lifetime.isClosed() && worker.hasLease(worker.id());
  }

  @Override
  public void pause() {
    lifetime.requireOpen();
    worker.pause();
  }

  @Override
  public void resume() {
    lifetime.requireOpen();
    worker.resume();
  }

  @Override
  public void close() {
    beginToClose();
    if (!isBody(Thread.currentThread())) {
      lifetime.awaitEnd();
    }
  }

  @Override
  public String toString() {
    return worker.toString();
  }

  // ---- what the instance uses ----

  /** Begins to close; {@link #close} also waits for the end. */
  void beginToClose() {
    lifetime.close(
        () -> {
          closing.accept(this);
          engine.beginsNoBody();
        });
  }

  /** Runs on a thread of its own; never beside the start. */
  private void closeParts() {
    starting.lock();
    try {
      scheduler.stop();
      worker.close();
    } finally {
      starting.unlock();
      engine.close();
      closed.accept(this);
    }
  }

  /** Whether this thread runs a body of one of its executions. */
  boolean isBody(Thread thread) {
    return engine.isBody(thread);
  }

  /** The reasons why it cannot work; empty if there are none. */
  List<String> reasons() {
    return worker.reasons();
  }

  /** Works on these queues too, and on the definitions that have been registered by now. */
  void learn(Map<String, Integer> concurrency) {
    worker.learn(concurrency);
  }

  /** Declares the schedules of this instance by now, and serves them. */
  void declare() {
    worker.declare();
    scheduler.look();
  }

  /** Looks for due work now. */
  void look() {
    worker.look();
  }

  /** Stops a run that has lost its execution. */
  void abandon(Ownership lost, String reason) {
    engine.abandon(lost, reason);
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
  void signalled(UUID execution) {
    engine.signalled(execution);
    worker.look();
  }
}
