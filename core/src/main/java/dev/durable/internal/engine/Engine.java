package dev.durable.internal.engine;

import dev.durable.DurableException;
import dev.durable.input.InputQuery;
import dev.durable.input.PendingInput;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.journal.TransactionRunner;
import dev.durable.internal.node.Slots;
import dev.durable.internal.node.Workload;
import dev.durable.internal.store.ClaimStore.Claimed;
import dev.durable.internal.store.EventStore;
import dev.durable.internal.store.ExecutionStore.End;
import dev.durable.internal.store.Identified;
import dev.durable.internal.store.InputStore;
import dev.durable.internal.store.NodeStore;
import dev.durable.internal.store.Past;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that runs on this node, and what its runs need. */
public final class Engine implements Workload, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private final Definitions definitions;
  private final Payloads payloads;
  private final Values results;
  private final Journal journal;
  private final TransactionRunner transactions;
  private final NodeStore nodes;
  private final EventStore events;
  private final InputStore inputs;
  private final Children children;
  private final long showAfter;
  private final BiConsumer<UUID, End> announcements;
  private final Map<UUID, Run> runs = new ConcurrentHashMap<>();
  private final Set<UUID> expected = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private final ScheduledThreadPoolExecutor timers;
  private volatile boolean draining;
  private volatile Consumer<Duration> dueTimes = wait -> {};

  /**
   * @param showAfter how long a body runs before it is shown as running
   * @param announcements told of every end on this node, after its commit
   */
  public Engine(
      Definitions definitions,
      Payloads payloads,
      Journal journal,
      TransactionRunner transactions,
      NodeStore nodes,
      EventStore events,
      InputStore inputs,
      Children children,
      Duration showAfter,
      BiConsumer<UUID, End> announcements) {
    this.definitions = definitions;
    this.payloads = payloads;
    this.results = new Values(payloads);
    this.journal = journal;
    this.transactions = transactions;
    this.nodes = nodes;
    this.events = events;
    this.inputs = inputs;
    this.children = children;
    this.showAfter = showAfter.toNanos();
    this.announcements = announcements;
    this.timers =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("durable-timers").daemon().factory());
    timers.setRemoveOnCancelPolicy(true);
    long look = Math.max(1_000_000, this.showAfter / 4);
    timers.scheduleWithFixedDelay(this::showLongRunning, look, look, TimeUnit.NANOSECONDS);
    timers.scheduleWithFixedDelay(this::collectAll, 1, 1, TimeUnit.SECONDS);
  }

  /** Tells somebody when an execution that leaves will be due again. */
  public void onDue(Consumer<Duration> listener) {
    this.dueTimes = listener;
  }

  // ---- Workload ----

  @Override
  public List<String> definitions() {
    return definitions.keys();
  }

  @Override
  public void run(Claimed claimed, Past past, Slots.Slot slot, BooleanSupplier member) {
    launch(claimed, past, Data.of(claimed.input()), slot, member);
  }

  /**
   * Runs an execution; the future is completed when it has left this node, with its end if it has
   * one.
   *
   * @param member whether this process still has the lease under which it owns the execution
   */
  public CompletableFuture<@Nullable End> launch(
      Claimed claimed, Past past, Data input, Slots.Slot slot, BooleanSupplier member) {
    Workflow<?, ?> workflow = definitions.find(claimed.workflow(), claimed.version());
    if (workflow == null) {
      throw new IllegalStateException(
          "claimed an execution of an unregistered workflow: " + claimed.workflow());
    }
    String difference =
        workflow.fingerprint().equals(claimed.fingerprint()) || claimed.compensation() != null
            ? null
            : DefinitionCheck.difference(workflow, past.rows());
    Run run = new Run(this, claimed, workflow, past, input, difference, slot);
    // Its answer may have come late: what has been claimed since stays. And only now the lease: if
    // it is lost from here on, the run is among those to be stopped.
    boolean newest = runs.merge(claimed.owner().id(), run, Engine::newer) == run;
    if (newest && member.getAsBoolean()) {
      Thread.ofVirtual().name("durable-" + claimed.owner().id()).start(run);
    } else {
      run.abandon();
    }
    return run.left();
  }

  private static Run newer(Run one, Run other) {
    return one.claimed.owner().token() > other.claimed.owner().token() ? one : other;
  }

  @Override
  public boolean has(UUID execution) {
    // In this order: a start that is answered meanwhile goes from the one to the other.
    return expected.contains(execution) || runs.containsKey(execution);
  }

  /** A start is on its way that will make this execution run here. */
  public void expect(UUID execution) {
    expected.add(execution);
  }

  /** That start has been answered, and its execution launched if it is ours. */
  public void answered(UUID execution) {
    expected.remove(execution);
  }

  @Override
  public void abandon(UUID execution) {
    Run run = runs.get(execution);
    if (run != null) {
      run.abandon();
    }
  }

  @Override
  public void signalled(UUID execution) {
    if (runs.containsKey(execution)) {
      Thread.startVirtualThread(() -> collect(List.of(execution)));
    }
  }

  /** Without hints, and should one have been lost: what waits beside something that runs. */
  private void collectAll() {
    List<UUID> listening =
        runs.values().stream().filter(Run::listens).map(run -> run.claimed.owner().id()).toList();
    if (!listening.isEmpty()) {
      Thread.startVirtualThread(() -> collect(listening));
    }
  }

  private void collect(List<UUID> executions) {
    try {
      events.mailbox(executions).forEach(this::deliver);
    } catch (DurableException unreachable) {
      LOG.debug("Could not read mailboxes; trying again: {}", unreachable.getMessage());
    }
  }

  private void deliver(UUID execution, List<EventStore.Signal> mailbox) {
    Run run = runs.get(execution);
    if (run != null) {
      run.deliver(mailbox);
    }
  }

  @Override
  public void abandonAll() {
    runs.values().forEach(Run::abandon);
  }

  @Override
  public List<Identified> longRunning() {
    return runs.values().stream()
        .filter(run -> run.runsFor(showAfter))
        .map(run -> run.claimed.owner())
        .toList();
  }

  @Override
  public void drain(long nanos) {
    draining = true;
    lock.lock();
    try {
      long left = nanos;
      while (!runs.isEmpty() && left > 0) {
        left = idle.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Whether that version of that workflow is registered here. */
  public boolean canRun(String workflow, int version) {
    return definitions.find(workflow, version) != null;
  }

  // ---- what runs need ----

  boolean isDraining() {
    return draining;
  }

  Journal journal() {
    return journal;
  }

  Payloads payloads() {
    return payloads;
  }

  Values results() {
    return results;
  }

  TransactionRunner transactions() {
    return transactions;
  }

  boolean isOverdue(UUID execution) {
    return nodes.isOverdue(execution);
  }

  /** How long until a wait's row is due, by the database's clock; not negative. */
  Duration untilDue(UUID execution, int seq) {
    return Duration.ofNanos(1_000 * Math.max(0, events.microsUntilDue(execution, seq)));
  }

  /** Ends a wait whose time is up. */
  EventStore.Expiry expire(Run run, int seq) {
    EventStore.Expiry expiry = events.expire(run.claimed.owner(), seq);
    if (expiry == EventStore.Expiry.DECIDED) {
      collect(run);
    }
    return expiry;
  }

  /** Looks what has been sent to it by now. */
  void collect(Run run) {
    events.mailbox(List.of(run.claimed.owner().id())).forEach(this::deliver);
  }

  /** The open question at a path, or null. */
  @Nullable PendingInput question(UUID execution, String path) {
    return inputs.list(new InputQuery().execution(execution).name(path)).stream()
        .filter(question -> question.path().equals(path))
        .findFirst()
        .orElse(null);
  }

  Children children() {
    return children;
  }

  /** Does something later, on a virtual thread: it may wait for the database. */
  Future<?> after(Duration wait, Runnable task) {
    return timers.schedule(
        () -> {
          Thread.startVirtualThread(task);
        },
        TimeUnit.NANOSECONDS.convert(wait),
        TimeUnit.NANOSECONDS);
  }

  void left(Run run) {
    runs.remove(run.claimed.owner().id(), run);
    if (runs.isEmpty()) {
      lock.lock();
      try {
        idle.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  void announce(UUID execution, End end) {
    announcements.accept(execution, end);
  }

  void dueIn(Duration wait) {
    dueTimes.accept(wait);
  }

  private void showLongRunning() {
    for (Run run : runs.values()) {
      if (run.isHiddenFor(showAfter)) {
        Thread.startVirtualThread(() -> run.showIfLong(showAfter));
      }
    }
  }

  /** Ends the timers. What still runs is the node's business. */
  @Override
  public void close() {
    timers.shutdownNow();
    LOG.debug("engine closed");
  }
}
