package dev.durable.internal.engine;

import dev.durable.execution.ExecutionStatus;
import dev.durable.input.InputQuery;
import dev.durable.input.PendingInput;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.journal.TransactionRunner;
import dev.durable.internal.service.Services;
import dev.durable.internal.service.Threads;
import dev.durable.internal.service.Timers;
import dev.durable.internal.store.Claimed;
import dev.durable.internal.store.ClaimedHistory;
import dev.durable.internal.store.CompensationLog;
import dev.durable.internal.store.CompensationStore;
import dev.durable.internal.store.DeadlineStore;
import dev.durable.internal.store.DefinitionStore;
import dev.durable.internal.store.ExecutionStore.End;
import dev.durable.internal.store.InputStore;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.KeptHistories;
import dev.durable.internal.store.KeptHistory;
import dev.durable.internal.store.LastDefinition;
import dev.durable.internal.store.MailboxStore;
import dev.durable.internal.store.Ownership;
import dev.durable.internal.store.SqlRunner;
import dev.durable.internal.store.WaitStore;
import dev.durable.internal.worker.Slots;
import dev.durable.internal.worker.Workload;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that runs on this worker, and what its runs need. */
public final class Engine implements Workload, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  /** The token of an execution that was never claimed, but owned from its start. */
  private static final long FIRST = 1;

  private final Definitions definitions;
  private final Shapes shapes;
  private final Payloads payloads;
  private final StepValues results;
  private final Journal journal;
  private final TransactionRunner transactions;
  private final DeadlineStore deadlines;
  private final WaitStore waits;
  private final InputStore inputs;
  private final CompensationStore compensations;
  private final Children children;
  private final long showAfter;
  private final BiConsumer<UUID, End> announcements;
  private final Mailboxes mailboxes;
  private final KeptHistories kept = new KeptHistories();
  private final Map<UUID, Run> runs = new ConcurrentHashMap<>();
  private final Set<UUID> expected = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private final Timers timers;
  private volatile boolean draining;
  private volatile Consumer<Duration> dueTimes = wait -> {};

  /**
   * @param services for the timers
   * @param showAfter how long a body runs before it is shown as running
   * @param announcements told of every end on this worker, after its commit
   */
  public Engine(
      Services services,
      Definitions definitions,
      DefinitionStore definitionStore,
      Payloads payloads,
      Journal journal,
      TransactionRunner transactions,
      DeadlineStore deadlines,
      MailboxStore mailboxes,
      WaitStore waits,
      InputStore inputs,
      CompensationStore compensations,
      Children children,
      Duration showAfter,
      BiConsumer<UUID, End> announcements) {
    this.definitions = definitions;
    this.shapes = new Shapes(definitionStore);
    this.payloads = payloads;
    this.results = new StepValues(payloads);
    this.journal = journal;
    this.transactions = transactions;
    this.deadlines = deadlines;
    this.waits = waits;
    this.inputs = inputs;
    this.compensations = compensations;
    this.children = children;
    this.showAfter = showAfter.toNanos();
    this.announcements = announcements;
    this.timers = services.timers("timers");
    long look = Math.max(1_000_000, this.showAfter / 4);
    this.mailboxes = new Mailboxes(mailboxes, runs::get);
    again(this::showLongRunning, Duration.ofNanos(look));
    again(this::collectAll, Duration.ofSeconds(1));
    again(kept::evict, Duration.ofSeconds(1));
    again(journal::giveUpLateStarts, Duration.ofSeconds(1));
  }

  /** A timer of the JDK never comes back after an exception; these do. */
  private void again(Runnable work, Duration pause) {
    timers.scheduleWithFixedDelay(
        () -> {
          try {
            work.run();
          } catch (Throwable failure) {
            LOG.error("A timer of the engine failed; it goes on", failure);
          }
        },
        pause.toNanos(),
        pause.toNanos(),
        TimeUnit.NANOSECONDS);
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
  public List<String> editions() {
    return definitions.editions();
  }

  @Override
  public void learn(SqlRunner runner, Collection<LastDefinition> moved) {
    shapes.learn(runner, moved, definitions);
  }

  @Override
  public @Nullable String fitting(LastDefinition moved, ClaimedHistory past) {
    Workflow<?, ?> workflow = definition(moved);
    return difference(workflow, moved, past) == null ? workflow.fingerprint() : null;
  }

  @Override
  public @Nullable String undoing(LastDefinition moved, ClaimedHistory past, String compensation) {
    Workflow<?, ?> workflow = definition(moved);
    CompensationLog log = InternalJson.compensation(compensation);
    return log != null && CompensationRunner.canGoOn(workflow, log, past.rows())
        ? workflow.fingerprint()
        : null;
  }

  /** What keeps it from going on with the definition that is registered here, or null. */
  private @Nullable String difference(
      Workflow<?, ?> workflow, LastDefinition moved, ClaimedHistory past) {
    return workflow.fingerprint().equals(moved.fingerprint())
        ? null
        : DefinitionCheck.difference(workflow, shapes.before(moved), past.rows());
  }

  private Workflow<?, ?> definition(LastDefinition moved) {
    Workflow<?, ?> workflow = definitions.find(moved.workflow(), moved.version());
    if (workflow == null) {
      throw new IllegalStateException(
          "claimed an execution of an unregistered workflow: " + moved.workflow());
    }
    return workflow;
  }

  @Override
  public @Nullable KeptHistory kept(Ownership claimed) {
    return kept.take(claimed);
  }

  @Override
  public void run(Claimed claimed, ClaimedHistory past, Slots.Slot slot, BooleanSupplier member) {
    launch(claimed, past, JsonValue.of(claimed.input()), slot, member);
  }

  /**
   * Runs an execution; the future is completed when it has left this worker, with its end if it has
   * one.
   *
   * @param member whether this process still has the lease under which it owns the execution
   */
  public CompletableFuture<@Nullable End> launch(
      Claimed claimed,
      ClaimedHistory past,
      JsonValue input,
      Slots.Slot slot,
      BooleanSupplier member) {
    LastDefinition moved = claimed.moved();
    Workflow<?, ?> workflow = definition(moved);
    String difference = claimed.compensation() == null ? difference(workflow, moved, past) : null;
    Run run = new Run(this, claimed, workflow, past, input, difference, slot);
    // Its answer may have come late: what has been claimed since stays. And only now the lease: if
    // it is lost from here on, the run is among those to be stopped.
    if (!isNewest(run)) {
      run.abandon("a newer run of its execution is here");
    } else if (!member.getAsBoolean()) {
      run.abandon("this worker has lost the lease under which it was claimed");
    } else {
      begin(run);
    }
    return run.left();
  }

  /** What it takes the place of has lost its execution, and stops. */
  private boolean isNewest(Run run) {
    AtomicReference<@Nullable Run> before = new AtomicReference<>();
    UUID id = run.claimed.owner().id();
    runs.compute(
        id,
        (key, here) -> {
          boolean newest =
              here == null || here.claimed.owner().token() < run.claimed.owner().token();
          before.set(newest ? here : run);
          return newest ? run : here;
        });
    Run older = before.get();
    if (older != null && older != run) {
      older.abandon("its execution was claimed again");
    }
    return older != run;
  }

  private static void begin(Run run) {
    try {
      Threads.virtual("durable-" + run.claimed.owner().id(), run).start();
    } catch (Throwable failure) {
      LOG.error(
          "Execution {} could not be begun; it will be freed", run.claimed.owner().id(), failure);
      run.abandon("it could not be begun");
    }
  }

  @Override
  public boolean has(Ownership owned) {
    // In this order: a start that is answered meanwhile goes from the one to the other.
    return (owned.token() == FIRST && expected.contains(owned.id())) || run(owned) != null;
  }

  private @Nullable Run run(Ownership owner) {
    Run run = runs.get(owner.id());
    return run != null && run.claimed.owner().equals(owner) ? run : null;
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
  public void abandon(Ownership owner, String reason) {
    Run run = run(owner);
    if (run != null) {
      run.abandon(reason);
    }
  }

  @Override
  public void tooLate(DeadlineStore.Late late) {
    RunLog.tooLate(late);
    if (!late.undone()) {
      announce(late.id(), new End(ExecutionStatus.FAILED, null, late.error()));
    }
  }

  @Override
  public void signalled(UUID execution) {
    if (runs.containsKey(execution)) {
      mailboxes.look(List.of(execution));
    }
  }

  /** Without hints, and should one have been lost: what waits beside something that runs. */
  private void collectAll() {
    mailboxes.look(
        runs.values().stream().filter(Run::listens).map(run -> run.claimed.owner().id()).toList());
  }

  @Override
  public void abandonAll(String reason) {
    runs.values().forEach(run -> run.abandon(reason));
  }

  /** Whether this thread runs a body of an execution. */
  public boolean isBody(Thread thread) {
    return runs.values().stream().anyMatch(run -> run.isOn(thread));
  }

  @Override
  public List<Ownership> longRunning() {
    return runs.values().stream()
        .filter(run -> run.runsFor(showAfter))
        .map(run -> run.claimed.owner())
        .toList();
  }

  /** From now on what runs here stops before its next body, so that it goes on elsewhere. */
  public void beginsNoBody() {
    draining = true;
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

  /** Whether this very definition is registered here. */
  public boolean canRun(String workflow, int version, @Nullable String fingerprint) {
    Workflow<?, ?> here = definitions.find(workflow, version);
    return here != null && here.fingerprint().equals(fingerprint);
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

  StepValues results() {
    return results;
  }

  TransactionRunner transactions() {
    return transactions;
  }

  /** How long until its deadline; null if it has none, or belongs to another run. */
  @Nullable Duration untilDeadline(Ownership owner) {
    return deadlines.untilDeadline(owner);
  }

  /** How long until a wait's row is due, by the database's clock; not negative. */
  Duration untilDue(UUID execution, int seq) {
    return Duration.of(Math.max(0, waits.microsUntilDue(execution, seq)), ChronoUnit.MICROS);
  }

  /** Ends a wait whose time is up. */
  WaitStore.Expiry expire(Run run, int seq) {
    WaitStore.Expiry expiry = waits.expire(run.claimed.owner(), seq);
    if (expiry == WaitStore.Expiry.DECIDED) {
      collect(run);
    }
    return expiry;
  }

  /** Where histories of those that rest are kept. */
  KeptHistories keptHistories() {
    return kept;
  }

  /** Looks what has been sent to it by now. */
  void collect(Run run) {
    mailboxes.read(List.of(run.claimed.owner().id()));
  }

  /** The open question at a path, or null. */
  @Nullable PendingInput question(UUID execution, String path) {
    return inputs.list(new InputQuery().execution(execution).name(path)).stream()
        .filter(question -> question.path().equals(path))
        .findFirst()
        .orElse(null);
  }

  CompensationStore compensations() {
    return compensations;
  }

  Children children() {
    return children;
  }

  /** Does something later, on a virtual thread: it may wait for the database. */
  Future<?> after(Duration wait, Runnable task) {
    try {
      return timers.schedule(
          () -> begin(task), TimeUnit.NANOSECONDS.convert(wait), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.completedFuture(null);
    }
  }

  private void begin(Runnable task) {
    try {
      Threads.startVirtual(task);
    } catch (Throwable failure) {
      LOG.error("A timer of the engine could not begin its work; it tries again", failure);
      after(AFTER_FAILURE, task);
    }
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
        Threads.startVirtual(() -> run.showIfLong(showAfter));
      }
    }
  }

  /** Ends the timers. What still runs is the worker's business. */
  @Override
  public void close() {
    timers.shutdownNow();
    LOG.debug("engine closed");
  }
}
