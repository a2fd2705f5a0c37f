package dev.durable.internal.engine;

import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.CompensationLog;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.flow.CompensationPlan;
import dev.durable.internal.engine.flow.DefinitionCheck;
import dev.durable.internal.engine.run.Children;
import dev.durable.internal.engine.run.RunLog;
import dev.durable.internal.engine.run.RunQueries;
import dev.durable.internal.engine.run.RunServices;
import dev.durable.internal.engine.run.RunTimers;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.service.Threads;
import dev.durable.internal.service.Timers;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.DeadlineStore;
import dev.durable.internal.store.worker.KeptHistories;
import dev.durable.internal.store.worker.KeptHistory;
import dev.durable.internal.store.worker.LastDefinition;
import dev.durable.internal.transaction.TransactionRunner;
import dev.durable.internal.worker.Slots;
import dev.durable.internal.worker.Workload;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executions that run on this worker, one {@link Run} each, and the services that they share.
 */
public final class Engine implements Workload {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  /** The token of an execution that was never claimed, but owned from its start. */
  private static final long FIRST = 1;

  private final Definitions definitions;
  private final Shapes shapes;
  private final RunServices services;
  private final Run.Registry registry = new Registry();
  private final long showAfter;
  private final BiConsumer<UUID, End> announcements;
  private final Mailboxes mailboxes;
  private final KeptHistories kept = new KeptHistories();
  private final Runs runs = new Runs();
  private final Set<UUID> expected = ConcurrentHashMap.newKeySet();
  private final List<Future<?>> looks;
  private volatile boolean draining;
  private volatile Consumer<Duration> dueTimes = wait -> {};
  private volatile Consumer<String> scheduledEnds = schedule -> {};

  /**
   * @param timers repeat its looks, and begin what its runs do later
   * @param showAfter the time after which a body is shown as running
   * @param announcements gets every end on this worker, after its commit
   */
  public Engine(
      Timers timers,
      Definitions definitions,
      Stores stores,
      Payloads payloads,
      Journal journal,
      TransactionRunner transactions,
      Children children,
      Duration showAfter,
      BiConsumer<UUID, End> announcements) {
    this.definitions = definitions;
    this.shapes = new Shapes(stores.definitions());
    this.showAfter = showAfter.toNanos();
    this.announcements = announcements;
    this.mailboxes = new Mailboxes(stores.mailboxes(), runs::find);
    this.services =
        new RunServices(
            journal,
            transactions,
            stores.compensations(),
            children,
            payloads,
            new StepValues(payloads),
            new RunQueries(
                stores.ownedDeadlines(),
                stores.waits(),
                stores.questions(),
                id -> this.mailboxes.read(List.of(id))),
            new RunTimers(timers),
            () -> draining);
    long look = Math.max(1_000_000, this.showAfter / 4);
    this.looks =
        List.of(
            timers.repeat(this::showLongRunning, Duration.ofNanos(look)),
            timers.repeat(this::collectAll, Duration.ofSeconds(1)),
            timers.repeat(kept::evict, Duration.ofSeconds(1)));
  }

  /** Sets the listener that gets the time until an execution that leaves is due again. */
  public void onDue(Consumer<Duration> listener) {
    this.dueTimes = listener;
  }

  /** Sets the listener that gets the schedule of each execution that ends here. */
  public void onScheduledEnd(Consumer<String> listener) {
    this.scheduledEnds = listener;
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
  public @Nullable String fitting(LastDefinition moved, ClaimedHistory claimedHistory) {
    Workflow<?, ?> workflow = definition(moved);
    return difference(workflow, moved, claimedHistory) == null ? workflow.fingerprint() : null;
  }

  @Override
  public @Nullable String undoing(
      LastDefinition moved, ClaimedHistory claimedHistory, String compensation) {
    Workflow<?, ?> workflow = definition(moved);
    CompensationLog log = InternalJson.compensation(compensation);
    return log != null && CompensationPlan.canGoOn(workflow, log, claimedHistory.rows())
        ? workflow.fingerprint()
        : null;
  }

  /** The difference that keeps it from continuing with the registered definition, or null. */
  private @Nullable String difference(
      Workflow<?, ?> workflow, LastDefinition moved, ClaimedHistory claimedHistory) {
    return workflow.fingerprint().equals(moved.fingerprint())
        ? null
        : DefinitionCheck.difference(workflow, shapes.before(moved), claimedHistory.rows());
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
  public void run(
      Claimed claimed, ClaimedHistory claimedHistory, Slots.Slot slot, BooleanSupplier hasLease) {
    launch(claimed, claimedHistory, JsonValue.of(claimed.input()), slot, hasLease);
  }

  /**
   * Runs an execution; the future is completed when it has left this worker, with its end if it has
   * one.
   *
   * @param hasLease whether this process still has the lease under which it owns the execution
   */
  public CompletableFuture<@Nullable End> launch(
      Claimed claimed,
      ClaimedHistory claimedHistory,
      JsonValue input,
      Slots.Slot slot,
      BooleanSupplier hasLease) {
    LastDefinition moved = claimed.moved();
    Workflow<?, ?> workflow = definition(moved);
    String difference =
        claimed.compensation() == null ? difference(workflow, moved, claimedHistory) : null;
    Run run =
        new Run(registry, services, claimed, workflow, claimedHistory, input, difference, slot);
    // The answer to the claim may have come late: a newer run stays. And only now the lease: if it
    // is lost from here on, the run is among those to be stopped.
    if (!runs.add(run)) {
      run.abandon("a newer run of its execution is here");
    } else if (!hasLease.getAsBoolean()) {
      run.abandon("this worker has lost the lease under which it was claimed");
    } else {
      begin(run);
    }
    return run.left();
  }

  private static void begin(Run run) {
    try {
      Threads.virtual("durable-" + run.owner().id(), run).start();
    } catch (Throwable failure) {
      LOG.error("Execution {} could not be begun; it will be freed", run.owner().id(), failure);
      run.abandon("it could not be begun");
    }
  }

  @Override
  public boolean has(Ownership owned) {
    // In this order: a start that is answered meanwhile moves from expected to runs.
    return (owned.token() == FIRST && expected.contains(owned.id())) || runs.find(owned) != null;
  }

  /** Expects an execution: a start is on its way that will make it run here. */
  public void expect(UUID execution) {
    expected.add(execution);
  }

  /** The start of an execution has been answered; if it is ours, it has been launched. */
  public void answered(UUID execution) {
    expected.remove(execution);
  }

  @Override
  public void abandon(Ownership owner, String reason) {
    Run run = runs.find(owner);
    if (run != null) {
      run.abandon(reason);
    }
  }

  @Override
  public void tooLate(DeadlineStore.Late late) {
    RunLog.tooLate(late);
    if (!late.undone()) {
      announcements.accept(late.id(), new End(ExecutionStatus.FAILED, null, late.error()));
    }
  }

  @Override
  public void signalled(UUID execution) {
    if (runs.find(execution) != null) {
      mailboxes.look(List.of(execution));
    }
  }

  /**
   * Looks into the mailboxes of all runs that wait: a hint may have been lost, or hints are off.
   */
  private void collectAll() {
    mailboxes.look(runs.all().stream().filter(Run::listens).map(run -> run.owner().id()).toList());
  }

  @Override
  public void abandonAll(String reason) {
    runs.all().forEach(run -> run.abandon(reason));
  }

  /** Whether this thread runs a body of an execution. */
  public boolean isBody(Thread thread) {
    return runs.all().stream().anyMatch(run -> run.bodies().areOn(thread));
  }

  @Override
  public List<Ownership> longRunning() {
    return runs.all().stream()
        .filter(run -> run.bodies().runFor(showAfter))
        .map(run -> run.owner())
        .toList();
  }

  /** From now on runs stop before their next body, which another worker begins. */
  public void beginsNoBody() {
    draining = true;
  }

  @Override
  public void drain(long nanos) {
    draining = true;
    runs.awaitIdle(nanos);
  }

  /** Ends its looks; its runs have left. */
  public void close() {
    looks.forEach(look -> look.cancel(false));
  }

  /** Whether a definition with this fingerprint is registered here. */
  public boolean canRun(String workflow, int version, @Nullable String fingerprint) {
    Workflow<?, ?> here = definitions.find(workflow, version);
    return here != null && here.fingerprint().equals(fingerprint);
  }

  // ---- runs ----

  /** The services that its runs use. */
  RunServices services() {
    return services;
  }

  /** Gets the runs that leave. */
  private final class Registry implements Run.Registry {

    @Override
    public void left(Run run) {
      runs.remove(run);
    }

    @Override
    public void dueIn(Duration wait) {
      dueTimes.accept(wait);
    }

    @Override
    public void announce(UUID execution, End end) {
      announcements.accept(execution, end);
    }

    @Override
    public void scheduledEnded(String schedule) {
      scheduledEnds.accept(schedule);
    }

    @Override
    public KeptHistories keptHistories() {
      return kept;
    }
  }

  private void showLongRunning() {
    for (Run run : runs.all()) {
      if (run.bodies().areHiddenFor(showAfter)) {
        Threads.startVirtual(() -> run.showIfLong(showAfter));
      }
    }
  }
}
