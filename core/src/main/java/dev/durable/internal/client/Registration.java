package dev.durable.internal.client;

import dev.durable.internal.codec.StoredTypes;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.schedule.DeclaredSchedules;
import dev.durable.internal.store.client.RegistrationStore;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.json.JsonCodec;
import dev.durable.queue.QueueOptions;
import dev.durable.schedule.Schedule;
import dev.durable.workflow.Workflow;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The definitions of an instance, and the start of its worker; one change at a time. Everything is
 * stored first and known here afterwards, and may be tried again after a failure.
 */
public final class Registration {

  private final Definitions definitions;
  private final RegistrationStore store;
  private final JsonCodec codec;
  private final StartRequests starts;
  private final Map<String, QueueOptions> queues;
  private final DeclaredSchedules schedules;
  private final ScheduleRequests scheduleRequests;
  private final ScheduleStore scheduleStore;
  private final LocalWorkers workers;
  private final Runnable mayWrite;
  private final ReentrantLock changing = new ReentrantLock();
  private boolean closed;

  /**
   * @param queues how a worker works on the queues that have options
   * @param mayWrite fails if the role may not write
   */
  public Registration(
      Definitions definitions,
      RegistrationStore store,
      JsonCodec codec,
      StartRequests starts,
      Map<String, QueueOptions> queues,
      ScheduleRequests scheduleRequests,
      ScheduleStore scheduleStore,
      LocalWorkers workers,
      Runnable mayWrite) {
    this.definitions = definitions;
    this.store = store;
    this.codec = codec;
    this.starts = starts;
    this.queues = queues;
    this.schedules = scheduleRequests.declared();
    this.scheduleRequests = scheduleRequests;
    this.scheduleStore = scheduleStore;
    this.workers = workers;
    this.mayWrite = mayWrite;
  }

  /** Makes a worker for queues, which is not started yet. */
  public interface Maker {

    /**
     * Makes it.
     *
     * @param concurrency how many executions of each queue it runs at a time
     */
    LocalWorker make(Map<String, Integer> concurrency);
  }

  /**
   * Checks that definitions can stand beside each other, and beside others.
   *
   * @throws IllegalArgumentException if two have the same name and version
   */
  public static void require(
      Collection<? extends Workflow<?, ?>> added, Collection<? extends Workflow<?, ?>> present) {
    Map<String, Workflow<?, ?>> known = new LinkedHashMap<>();
    present.forEach(workflow -> known.put(edition(workflow), workflow));
    for (Workflow<?, ?> workflow : added) {
      Workflow<?, ?> other = known.putIfAbsent(edition(workflow), workflow);
      if (other != null && other != workflow) {
        throw new IllegalArgumentException(
            "Two definitions of '"
                + workflow.name()
                + "' have version "
                + workflow.version()
                + ". Give one another one, with -> with.version(...), to have both side by side.");
      }
    }
  }

  private static String edition(Workflow<?, ?> workflow) {
    return workflow.name() + "@" + workflow.version();
  }

  /** Makes definitions known, also to the worker if there is one. */
  public void register(List<Workflow<?, ?>> added) {
    changing.lock();
    try {
      requireOpen();
      require(added, definitions.all());
      added.stream()
          .filter(workflow -> !definitions.all().contains(workflow))
          .forEach(workflow -> StoredTypes.require(workflow, codec));
      LocalWorker worker = workers.current();
      Map<String, Integer> served = worker == null ? Map.of() : queues(added);
      store(added, worker != null);
      store.putQueues(served.keySet());
      starts.stored(added, served.keySet());
      definitions.add(added);
      if (worker != null) {
        worker.learn(served);
      }
    } finally {
      changing.unlock();
    }
  }

  /** Declares schedules, and stores them if there is a worker. */
  public void schedule(List<Schedule<?>> added) {
    changing.lock();
    try {
      requireOpen();
      DeclaredSchedules.require(added, schedules.all());
      LocalWorker worker = workers.current();
      if (worker != null) {
        store(added);
      }
      schedules.add(added);
      if (worker != null) {
        worker.declare();
      }
    } finally {
      changing.unlock();
    }
  }

  private void store(Collection<Schedule<?>> declared) {
    if (!declared.isEmpty()) {
      mayWrite.run();
      scheduleStore.put(scheduleRequests.declared(declared));
    }
  }

  /**
   * Starts a worker, unless there is one.
   *
   * @param thread the name of the thread that keeps the JVM alive
   */
  public LocalWorker startWorker(Maker maker, String thread) {
    changing.lock();
    try {
      requireOpen();
      LocalWorker running = workers.current();
      if (running != null) {
        return running;
      }
      Collection<Workflow<?, ?>> all = definitions.all();
      if (all.isEmpty()) {
        throw new IllegalStateException(
            "A worker without workflows has nothing to do: add .register(workflow), or use"
                + " .build().");
      }
      Map<String, Integer> served = queues(all);
      store(all, true);
      store.putQueues(served.keySet(), queues);
      starts.stored(all, served.keySet());
      store(schedules.all());
      LocalWorker made = maker.make(served);
      start(made, thread);
      return made;
    } finally {
      changing.unlock();
    }
  }

  private void start(LocalWorker made, String thread) {
    workers.add(made);
    try {
      made.start(thread);
    } catch (Throwable failure) {
      made.close();
      throw failure;
    }
  }

  private void store(Collection<Workflow<?, ?>> stored, boolean works) {
    mayWrite.run();
    store.putDefinitions(StartRequests.rows(stored), works);
  }

  /** The queues of these workflows, those with options, and the default one. */
  private Map<String, Integer> queues(Collection<Workflow<?, ?>> served) {
    Map<String, Integer> concurrency = new LinkedHashMap<>();
    queues.forEach((queue, options) -> concurrency.put(queue, options.concurrency()));
    served.forEach(
        workflow -> concurrency.putIfAbsent(workflow.queue(), QueueOptions.DEFAULT_CONCURRENCY));
    concurrency.putIfAbsent(Workflow.DEFAULT_QUEUE, QueueOptions.DEFAULT_CONCURRENCY);
    return concurrency;
  }

  /** Lets nothing more be registered or started; waits for what is under way. */
  public void close() {
    changing.lock();
    try {
      closed = true;
    } finally {
      changing.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("This Durable instance is closed.");
    }
  }
}
