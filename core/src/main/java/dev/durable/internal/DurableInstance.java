package dev.durable.internal;

import dev.durable.DeployedWorkflow;
import dev.durable.Durable;
import dev.durable.DurableOperations;
import dev.durable.Health;
import dev.durable.TransactionScope;
import dev.durable.Worker;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.StepExecution;
import dev.durable.graph.WorkflowGraph;
import dev.durable.internal.client.CallerTransactions;
import dev.durable.internal.client.ChildExecutions;
import dev.durable.internal.client.CurrentOperations;
import dev.durable.internal.client.DatabaseWait;
import dev.durable.internal.client.EventSender;
import dev.durable.internal.client.ExecutionReads;
import dev.durable.internal.client.Handles;
import dev.durable.internal.client.LocalWorker;
import dev.durable.internal.client.LocalWorkers;
import dev.durable.internal.client.OwnOperations;
import dev.durable.internal.client.Registration;
import dev.durable.internal.client.ResultWaiters;
import dev.durable.internal.client.ScheduleRequests;
import dev.durable.internal.client.StartRequests;
import dev.durable.internal.client.Starter;
import dev.durable.internal.client.StoredQuestions;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.engine.Engine;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.schedule.DeclaredSchedules;
import dev.durable.internal.schedule.Scheduler;
import dev.durable.internal.service.Lifetime;
import dev.durable.internal.service.Services;
import dev.durable.internal.service.Timers;
import dev.durable.internal.settings.Settings;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintThread;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.Hint;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.internal.store.schedule.UndeclaredStore;
import dev.durable.internal.transaction.TransactionRunner;
import dev.durable.internal.worker.LeasedWorker;
import dev.durable.internal.worker.Slots;
import dev.durable.question.Questions;
import dev.durable.queue.QueueOptions;
import dev.durable.queue.Queues;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.Schedules;
import dev.durable.wait.OpenWait;
import dev.durable.wait.UnreadEvent;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Implements the facade: wires the parts of an instance, opens and closes them, and passes each
 * call on to the part that does it.
 *
 * <p>Where to look next: {@link Starter} for starts, {@link EventSender} and {@link
 * StoredQuestions} for what wakes an execution, {@link ExecutionReads} for questions, {@link
 * CallerTransactions} for {@code using(connection)}, {@link CurrentOperations} for a binding,
 * {@link LeasedWorker} for claims and the lease, {@link Engine} for runs, {@link Registration} for
 * what is registered and for the start of a worker. A client has no worker and no engine.
 */
public final class DurableInstance implements Durable, CurrentCalls {

  private static final Logger LOG = LoggerFactory.getLogger(DurableInstance.class);

  private final Settings settings;
  private final Services services;
  private final Duration longestHindrance;
  private final Schema schema;
  private final Database database;
  private final Database hasty;
  private final Definitions definitions;
  private final DeclaredSchedules declared = new DeclaredSchedules();
  private final Payloads payloads;
  private final StartRequests starts;
  private final Registration registration;
  private final HintThread hints;
  private final Journal journal;
  private final ResultWaiters results;
  private final LocalWorkers workers = new LocalWorkers();
  private final Timers timers;
  private final ExecutionReads reads;
  private final Handles handles;
  private final CallerTransactions transactions;
  private final OwnOperations own;
  private final CurrentOperations operations;
  private final Lifetime lifetime = new Lifetime("Durable instance", this::closeParts);

  private DurableInstance(
      DataSource dataSource,
      Settings settings,
      Collection<Workflow<?, ?>> workflows,
      Collection<Schedule<?>> schedules,
      Map<String, QueueOptions> queues,
      Runnable mayWrite) {
    this.settings = settings;
    this.services = new Services(settings.workerName, settings.standstill());
    this.longestHindrance = settings.patience().dividedBy(2);
    this.schema = new Schema(settings.schema);
    Database silent = new Database(dataSource);
    this.hints = new HintThread(silent, schema, settings.workerName + "-hint-sender");
    this.database = silent.telling(hints);
    this.definitions = new Definitions(workflows);
    this.declared.add(schedules);
    Stores stores = Stores.on(database, schema);
    JournalStore journalStore = stores.journal();
    UncommittedStarts uncommitted = new UncommittedStarts(database, schema);
    this.payloads =
        new Payloads(settings.codec, settings.softPayloadBytes, settings.hardPayloadBytes);
    this.starts = new StartRequests(definitions, stores.definitions(), payloads);
    ScheduleRequests scheduleRequests = new ScheduleRequests(starts, payloads, declared);
    this.registration =
        new Registration(
            definitions,
            stores.registrations(),
            settings.codec,
            starts,
            queues,
            scheduleRequests,
            stores.schedules(),
            workers,
            mayWrite);
    this.hasty = database.within(settings.patience());
    this.journal = new Journal(services, hasty, settings.patience(), journalStore, hints::send);
    this.results = new ResultWaiters(Stores.on(hasty, schema).executions(), services);
    this.reads = new ExecutionReads(stores);
    this.handles = new Handles(results, payloads, id -> reads().require(id).status());
    this.transactions =
        new CallerTransactions(
            database,
            schema,
            starts,
            scheduleRequests,
            uncommitted,
            journalStore,
            payloads,
            handles,
            hints);
    this.timers = services.timers("timers");
    journal.onOpen(() -> timers.repeat(journal::giveUpLateStarts, Duration.ofSeconds(1)));
    Starter starter =
        new Starter(
            starts.waiting(new DatabaseWait(lifetime::requireOpen)),
            uncommitted,
            journal,
            handles,
            workers);
    this.own =
        OwnOperations.of(stores, scheduleRequests, starter, transactions, payloads, reads, workers);
    this.operations = CurrentOperations.of(settings.transactions, database, transactions, own);
  }

  // ---- lifecycle ----

  /**
   * An instance that starts and asks; it knows the workflows, and stores them when it registers
   * them or starts its worker.
   *
   * @param schedules what its worker declares
   * @param queues how its worker works on the queues that have options
   * @param mayWrite fails if the role may not write; called before definitions are stored
   */
  public static Durable open(
      DataSource dataSource,
      Settings settings,
      Collection<Workflow<?, ?>> workflows,
      Collection<Schedule<?>> schedules,
      Map<String, QueueOptions> queues,
      Runnable mayWrite) {
    return new DurableInstance(dataSource, settings, workflows, schedules, queues, mayWrite);
  }

  @Override
  public Durable register(Workflow<?, ?>... added) {
    lifetime.requireOpen();
    Objects.requireNonNull(added, "definitions");
    List<Workflow<?, ?>> definite = new ArrayList<>();
    for (Workflow<?, ?> workflow : added) {
      definite.add(Objects.requireNonNull(workflow, "workflow"));
    }
    registration.register(definite);
    return this;
  }

  @Override
  public Durable schedule(Schedule<?>... added) {
    lifetime.requireOpen();
    registration.schedule(List.of(Objects.requireNonNull(added, "schedules")));
    return this;
  }

  @Override
  public Worker startWorker() {
    lifetime.requireOpen();
    return registration.startWorker(this::worker, services.name("worker"));
  }

  @Override
  public Optional<Worker> worker() {
    return Optional.ofNullable(workers.current());
  }

  private LocalWorker worker(Map<String, Integer> concurrency) {
    Stores hastyStores = Stores.on(hasty, schema);
    Engine engine =
        new Engine(
            timers,
            definitions,
            hastyStores,
            payloads,
            journal,
            new TransactionRunner(
                database,
                settings.patience(),
                hastyStores.journal(),
                hints::send,
                operations.framework()),
            new ChildExecutions(starts, hastyStores.executions()),
            settings.showRunningAfter,
            results::announce);
    Scheduler scheduler =
        new Scheduler(
            new TickStore(hasty, schema, hints),
            new BackfillStore(hasty, schema, hints),
            new UndeclaredStore(hasty, schema),
            declared,
            definitions,
            payloads,
            services);
    return workers.of(
        settings.workerName,
        engine,
        new LeasedWorker(
            settings,
            hasty,
            schema,
            slots(concurrency),
            engine,
            declared::names,
            scheduler::look,
            services),
        scheduler);
  }

  private Slots slots(Map<String, Integer> concurrency) {
    Slots slots = new Slots(concurrency);
    slots.onPlace(queue -> hints.send(List.of(Hint.place(queue))));
    return slots;
  }

  @Override
  public Health health() {
    List<String> reasons = new ArrayList<>();
    if (lifetime.isClosed()) {
      reasons.add("this instance is closed");
    } else {
      services.troubles().forEach(trouble -> reasons.add(trouble.toString()));
      reasons.addAll(services.hindrances(longestHindrance));
      reasons.addAll(workers.reasons());
    }
    return new Health(reasons);
  }

  @Override
  public void close() {
    lifetime.close(workers::beginToClose);
    if (!workers.areRunning(Thread.currentThread())) {
      lifetime.awaitEnd();
    }
  }

  /** Closes the workers first, then the parts from the last named to the first. */
  private void closeParts() {
    try (HintThread fifth = hints;
        ResultWaiters fourth = results;
        AutoCloseable third = timers::shutdownNow;
        Journal second = journal) {
      registration.close();
      workers.close();
    } catch (Exception failure) {
      LOG.warn("Could not close in good order", failure);
    }
  }

  // ---- operations ----

  @Override
  public DurableOperations operations() {
    lifetime.requireOpen();
    return operations.now();
  }

  @Override
  public DurableOperations independently() {
    lifetime.requireOpen();
    return own;
  }

  @Override
  public TransactionScope using(Connection connection) {
    lifetime.requireOpen();
    return transactions.on(connection);
  }

  // ---- reads ----

  private ExecutionReads reads() {
    lifetime.requireOpen();
    return reads;
  }

  @Override
  public ExecutionHandle<String> handle(UUID id) {
    lifetime.requireOpen();
    return handles.of(id);
  }

  @Override
  public <O> ExecutionHandle<O> handle(UUID id, Workflow<?, O> workflow) {
    lifetime.requireOpen();
    return handles.of(id, workflow);
  }

  @Override
  public Optional<Execution> find(UUID id) {
    return reads().find(id);
  }

  @Override
  public Optional<Execution> find(String workflow, String key) {
    return reads().find(workflow, key);
  }

  @Override
  public Page<Execution> executions(Consumer<? super ExecutionQuery> filter) {
    return reads().list(filter);
  }

  @Override
  public Map<ExecutionStatus, Long> countByStatus(Consumer<? super ExecutionQuery> filter) {
    return reads().countByStatus(filter);
  }

  @Override
  public List<StepExecution> steps(UUID id) {
    return reads().steps(id);
  }

  @Override
  public WorkflowGraph graph(String workflow) {
    return reads().graph(workflow);
  }

  @Override
  public WorkflowGraph graph(UUID id) {
    return reads().graph(id);
  }

  @Override
  public List<OpenWait> waits(UUID id) {
    return reads().waits(id);
  }

  @Override
  public List<UnreadEvent> unread(UUID id) {
    return reads().unread(id);
  }

  @Override
  public List<Execution> children(UUID id) {
    return reads().children(id);
  }

  @Override
  public List<DeployedWorkflow> workflows() {
    return reads().workflows();
  }

  // ---- questions, queues and schedules ----

  @Override
  public Schedules schedules() {
    lifetime.requireOpen();
    return operations.schedules();
  }

  @Override
  public Questions questions() {
    lifetime.requireOpen();
    return operations.questions();
  }

  @Override
  public Queues queues() {
    lifetime.requireOpen();
    return operations.queues();
  }
}
