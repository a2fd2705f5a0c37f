package dev.durable.internal;

import dev.durable.DeployedWorkflow;
import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.Health;
import dev.durable.StartOptions;
import dev.durable.TransactionScope;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.StepExecution;
import dev.durable.graph.WorkflowGraph;
import dev.durable.input.Inputs;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.engine.Engine;
import dev.durable.internal.engine.Payloads;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.journal.TransactionRunner;
import dev.durable.internal.service.Services;
import dev.durable.internal.service.Threads;
import dev.durable.internal.settings.Settings;
import dev.durable.internal.store.CallerHints;
import dev.durable.internal.store.CallerSession;
import dev.durable.internal.store.Claimed;
import dev.durable.internal.store.ClaimedHistory;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.DefinitionStore;
import dev.durable.internal.store.ExecutionStore;
import dev.durable.internal.store.ExecutionStore.End;
import dev.durable.internal.store.HintSender;
import dev.durable.internal.store.HintThread;
import dev.durable.internal.store.HistoryStore;
import dev.durable.internal.store.InputStore;
import dev.durable.internal.store.JournalStore;
import dev.durable.internal.store.MailboxStore;
import dev.durable.internal.store.QueryStore;
import dev.durable.internal.store.Schema;
import dev.durable.internal.store.StartResult;
import dev.durable.internal.store.StartRow;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.UncommittedStarts;
import dev.durable.internal.store.WaitStore;
import dev.durable.internal.worker.Slots;
import dev.durable.internal.worker.Worker;
import dev.durable.queue.QueueOptions;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.OpenWait;
import dev.durable.wait.SendOptions;
import dev.durable.wait.UnreadEvent;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The facade's implementation: wires the parts, and starts executions. */
public final class DurableInstance implements Durable {

  private static final Logger LOG = LoggerFactory.getLogger(DurableInstance.class);

  private final Services services;
  private final Database database;
  private final HintThread hints;
  private final Schema schema;
  private final MailboxStore mailboxes;
  private final WaitStore waits;
  private final InputStore inputStore;
  private final JournalStore journalStore;
  private final ExecutionStore executions;
  private final HistoryStore histories;
  private final DefinitionStore definitionStore;
  private final QueryStore queries;
  private final Payloads payloads;
  private final Journal journal;
  private final StartRequests starts;
  private final UncommittedStarts uncommitted;
  private final ResultWaiters results;
  private final Duration longestHindrance;
  private final Engine engine;
  private final @Nullable Worker worker;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch allClosed = new CountDownLatch(1);
  private final Thread closing = Threads.lasting("durable-close", this::closeAll);
  private final ExecutionRef.Lookup started = lookup(true);
  private final ExecutionRef.Lookup unknown = lookup(false);

  private DurableInstance(
      DataSource dataSource,
      Settings settings,
      Collection<Workflow<?, ?>> workflows,
      @Nullable Map<String, QueueOptions> queues) {
    this.services = new Services(settings.workerName, settings.standstill());
    this.longestHindrance = settings.patience().dividedBy(2);
    this.schema = new Schema(settings.schema);
    Database silent = new Database(dataSource);
    this.hints = new HintThread(silent, schema, settings.workerName + "-hint-sender");
    this.database = silent.telling(hints);
    Definitions definitions = new Definitions(workflows);
    Stores stores = Stores.on(database, schema);
    this.definitionStore = stores.definitions();
    this.journalStore = stores.journal();
    this.executions = stores.executions();
    this.mailboxes = stores.mailboxes();
    this.waits = stores.waits();
    this.inputStore = stores.inputs();
    this.histories = stores.histories();
    this.queries = stores.queries();
    this.uncommitted = new UncommittedStarts(database, schema);
    this.payloads =
        new Payloads(settings.codec, settings.softPayloadBytes, settings.hardPayloadBytes);
    if (!workflows.isEmpty()) {
      definitionStore.putDefinitions(StartRequests.stored(definitions), queues != null);
    }
    if (queues != null) {
      definitionStore.putQueues(queues.keySet());
    }
    this.starts =
        new StartRequests(
            definitions, definitionStore, payloads, queues == null ? List.of() : queues.keySet());
    Database hasty = database.within(settings.patience());
    this.journal = new Journal(services, hasty, settings.patience(), journalStore, hints::send);
    Stores hastyStores = Stores.on(hasty, schema);
    this.results = new ResultWaiters(hastyStores.executions(), services);
    this.engine =
        new Engine(
            services,
            definitions,
            definitionStore,
            payloads,
            journal,
            new TransactionRunner(database, settings.patience(), journalStore, hints::send),
            hastyStores.deadlines(),
            hastyStores.mailboxes(),
            hastyStores.waits(),
            hastyStores.inputs(),
            hastyStores.compensations(),
            new ChildExecutions(starts, hastyStores.executions()),
            settings.showRunningAfter,
            results::announce);
    this.worker =
        queues == null
            ? null
            : new Worker(settings, hasty, schema, new Slots(concurrency(queues)), engine, services);
  }

  /** An instance that works. */
  public static Durable worker(
      DataSource dataSource,
      Settings settings,
      Collection<Workflow<?, ?>> workflows,
      Map<String, QueueOptions> queues) {
    DurableInstance durable = new DurableInstance(dataSource, settings, workflows, queues);
    try {
      durable.startWorker();
      return durable;
    } catch (Throwable failure) {
      durable.close();
      throw failure;
    }
  }

  /** An instance that only starts and asks. */
  public static Durable client(
      DataSource dataSource, Settings settings, Collection<Workflow<?, ?>> workflows) {
    return new DurableInstance(dataSource, settings, workflows, null);
  }

  @Override
  public <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, UnaryOperator<StartOptions> with) {
    requireOpen();
    Objects.requireNonNull(workflow, "workflow");
    return begin(starts.prepare(workflow, input, StartRequests.options(with)), decoder(workflow))
        .get();
  }

  @Override
  public ExecutionHandle<String> start(
      String workflow, String json, UnaryOperator<StartOptions> with) {
    requireOpen();
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(json, "json");
    return begin(starts.prepare(workflow, json, StartRequests.options(with)), end -> end).get();
  }

  @Override
  public <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiFunction<I, StartOptions, StartOptions> with) {
    requireOpen();
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(with, "with");
    List<StartRequests.Start> prepared = new ArrayList<>(inputs.size());
    for (I input : inputs) {
      prepared.add(
          starts.prepare(workflow, input, StartRequests.options(o -> with.apply(input, o))));
    }
    List<Begun<O>> begun = new ArrayList<>(inputs.size());
    Map<String, Begun<O>> withKeys = new HashMap<>();
    for (StartRequests.Start start : prepared) {
      String key = start.row().key();
      Begun<O> first = key == null ? null : withKeys.get(key);
      begun.add(
          first == null
              ? begin(start, decoder(workflow))
              : () -> sameAs(first.get().id(), start, decoder(workflow)));
      if (key != null && first == null) {
        withKeys.put(key, begun.getLast());
      }
    }
    return begun.stream().map(Begun::get).toList();
  }

  /** A start whose key another one of the same list has: that one came first. */
  private <O> ExecutionHandle<O> sameAs(
      UUID first, StartRequests.Start start, Function<String, @Nullable O> decoder) {
    UUID id = start.accept(new StartResult(first, false, false));
    return new ExecutionRef<>(started, id, false, decoder, null);
  }

  @Override
  public ExecutionHandle<String> handle(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    return new ExecutionRef<>(unknown, id, false, end -> end, null);
  }

  @Override
  public <O> ExecutionHandle<O> handle(UUID id, Workflow<?, O> workflow) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(workflow, "workflow");
    return new ExecutionRef<>(unknown, id, false, decoder(workflow), null);
  }

  @Override
  public Optional<Execution> find(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    return executions.find(id);
  }

  @Override
  public Optional<Execution> find(String workflow, String key) {
    requireOpen();
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(key, "key");
    return executions.find(workflow, key);
  }

  @Override
  public Page<Execution> executions(UnaryOperator<ExecutionQuery> filter) {
    requireOpen();
    return queries.list(query(filter));
  }

  @Override
  public Map<ExecutionStatus, Long> countByStatus(UnaryOperator<ExecutionQuery> filter) {
    requireOpen();
    return queries.countByStatus(query(filter));
  }

  private static ExecutionQuery query(UnaryOperator<ExecutionQuery> filter) {
    Objects.requireNonNull(filter, "filter");
    return Objects.requireNonNull(filter.apply(new ExecutionQuery()), "the query of filter");
  }

  @Override
  public List<StepExecution> steps(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    return histories.steps(id);
  }

  @Override
  public WorkflowGraph graph(String workflow) {
    requireOpen();
    Objects.requireNonNull(workflow, "workflow");
    return definitionStore
        .latest(workflow)
        .map(definition -> WorkflowGraph.fromJson(definition.graph()))
        .orElseThrow(() -> new UnknownWorkflowException(workflow, definitionStore.workflows()));
  }

  @Override
  public WorkflowGraph graph(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    List<StepExecution> done = histories.steps(id);
    String graph =
        definitionStore
            .graphOf(id)
            .orElseThrow(
                () -> new DurableException("The definition of execution " + id + " is not known."));
    return WorkflowGraph.fromJson(graph).overlay(done);
  }

  @Override
  public void cancel(UUID id, String reason) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(reason, "reason");
    engine.abandon(executions.cancel(id, reason), "it was cancelled");
  }

  @Override
  public void retry(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    executions.retry(id);
    look();
  }

  @Override
  public TransactionScope using(Connection connection) {
    requireOpen();
    Objects.requireNonNull(connection, "connection");
    CallerSession.require(connection);
    return scope(connection, new CallerHints(connection, schema));
  }

  /** Operations in the caller's transaction. */
  private CallerTransaction scope(Connection connection, HintSender sender) {
    Database callers = database.using(connection).telling(sender);
    Stores stores = Stores.on(callers, schema);
    ExecutionStore callersExecutions = stores.executions();
    return new CallerTransaction(
        connection,
        starts,
        uncommitted,
        journalStore,
        callersExecutions,
        new EventSender(stores.mailboxes(), callersExecutions, payloads, id -> {}),
        new StoredInputs(stores.inputs(), callersExecutions, payloads, id -> {}),
        sender,
        () -> scope(connection, HintSender.SILENT));
  }

  private EventSender messages() {
    requireOpen();
    return new EventSender(mailboxes, executions, payloads, this::signalled);
  }

  /** Something has been sent to an execution that may be ours; the hint would take longer. */
  private void signalled(UUID id) {
    engine.signalled(id);
    look();
  }

  private void look() {
    if (worker != null) {
      worker.look();
    }
  }

  @Override
  public <E> Delivery send(UUID id, Event<E> event, E payload, UnaryOperator<SendOptions> with) {
    return messages().send(id, event, payload, with);
  }

  @Override
  public Delivery send(UUID id, String event, String json, UnaryOperator<SendOptions> with) {
    return messages().sendJson(id, event, json, with);
  }

  @Override
  public <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      UnaryOperator<SendOptions> with) {
    return messages().sendByKey(workflow, key, event, payload, with);
  }

  @Override
  public <I, E> UUID startAndSend(
      Workflow<I, ?> workflow,
      I input,
      UnaryOperator<StartOptions> with,
      Event<E> event,
      E payload) {
    requireOpen();
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(event, "event");
    StartRequests.Start start = starts.prepare(workflow, input, StartRequests.options(with));
    // The caller's objects first: whatever their accessors throw, nothing has begun.
    String json = messages().encode(event, payload);
    uncommitted.refuse(start.row(), null);
    List<String> told = new ArrayList<>();
    UUID started =
        database.inTransaction(
            "start workflow '" + workflow.name() + "' and send it '" + event.name() + "'",
            connection -> {
              told.clear();
              CallerTransaction scope = scope(connection, told::addAll);
              UUID id = scope.insert(start);
              scope.sendToOpen(id, event.name(), json);
              return id;
            });
    hints.send(told);
    look();
    return started;
  }

  @Override
  public List<OpenWait> waits(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    return known(id, waits.list(id));
  }

  @Override
  public List<UnreadEvent> unread(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    return known(id, mailboxes.unread(id));
  }

  @Override
  public void cancelWait(UUID id) {
    cancelWaits(id, null);
  }

  @Override
  public void cancelWait(UUID id, String path) {
    cancelWaits(id, Objects.requireNonNull(path, "path"));
  }

  private void cancelWaits(UUID id, @Nullable String path) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    if (waits.cancel(id, path) == 0) {
      throw NothingToCancel.of(requireExecution(id), path, waits.list(id));
    }
    signalled(id);
  }

  @Override
  public Inputs inputs() {
    requireOpen();
    return new StoredInputs(inputStore, executions, payloads, this::signalled);
  }

  @Override
  public List<Execution> children(UUID id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    return known(id, executions.children(id));
  }

  /** Nothing of an execution is not the same as nothing of none. */
  private <T> List<T> known(UUID id, List<T> found) {
    if (found.isEmpty()) {
      requireExecution(id);
    }
    return found;
  }

  @Override
  public List<DeployedWorkflow> workflows() {
    requireOpen();
    return Stores.on(database, schema).deployments().deployed();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      engine.beginsNoBody();
      // A thread of its own: an interrupt of the caller's must not keep bodies from ending.
      closing.start();
    }
    if (!engine.isBody(Thread.currentThread())) {
      awaitClosed();
    }
  }

  private void awaitClosed() {
    boolean interrupted = false;
    while (true) {
      try {
        allClosed.await();
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeAll() {
    try (AutoCloseable last = allClosed::countDown;
        HintThread fifth = hints;
        ResultWaiters fourth = results;
        Engine third = engine;
        Journal second = journal) {
      if (worker != null) {
        worker.close();
      }
    } catch (Exception failure) {
      LOG.warn("Could not close in good order", failure);
    }
  }

  @Override
  public Health health() {
    List<String> reasons = new ArrayList<>();
    if (closed.get()) {
      reasons.add("this instance is closed");
    } else {
      services.troubles().forEach(trouble -> reasons.add(trouble.toString()));
      reasons.addAll(services.hindrances(longestHindrance));
      if (worker != null) {
        reasons.addAll(worker.reasons());
      }
    }
    return new Health(reasons);
  }

  /**
   * @param known whether the executions that are asked for are known to exist
   */
  private ExecutionRef.Lookup lookup(boolean known) {
    return new ExecutionRef.Lookup() {
      @Override
      public ExecutionStatus status(UUID id) {
        return requireExecution(id).status();
      }

      @Override
      public CompletableFuture<End> end(UUID id) {
        return results.of(id, known);
      }
    };
  }

  private void startWorker() {
    Worker starting = Objects.requireNonNull(worker, "worker");
    engine.onDue(starting::dueIn);
    starting.start();
    Threads.keepAlive(services.name("worker"), allClosed);
  }

  /** A start that has been offered and not yet been answered. */
  private interface Begun<O> {
    ExecutionHandle<O> get();
  }

  /**
   * Offers a start. If this worker has a free slot the execution belongs to it from the first
   * moment, and runs as soon as the start is committed.
   */
  private <O> Begun<O> begin(StartRequests.Start start, Function<String, @Nullable O> decoder) {
    StartRow row = start.row();
    uncommitted.refuse(row, null);
    Slots.Slot slot = slotFor(row);
    UUID owner = slot == null || worker == null ? null : worker.owner();
    if (owner != null) {
      engine.expect(row.id());
    }
    CompletableFuture<StartResult> answer = journal.start(row.ownedBy(owner));
    CompletableFuture<CompletableFuture<@Nullable End>> launched =
        answer.thenApply(result -> launch(start, result, slot, owner));
    answer.whenComplete(
        (result, failure) -> {
          if (failure != null && slot != null) {
            slot.free();
          }
        });
    launched.whenComplete((left, failure) -> engine.answered(row.id()));
    return () -> {
      StartResult result = await(answer, row);
      UUID id = start.accept(result);
      return new ExecutionRef<>(
          started, id, result.added(), decoder, result.owned() ? launched.join() : null);
    };
  }

  private Slots.@Nullable Slot slotFor(StartRow row) {
    boolean now = row.delay() == null && row.at() == null;
    boolean runsHere = engine.canRun(row.workflow(), row.version(), row.fingerprint());
    return worker != null && now && runsHere && worker.owner() != null
        ? worker.tryTake(row.queue())
        : null;
  }

  private CompletableFuture<@Nullable End> launch(
      StartRequests.Start start,
      StartResult result,
      Slots.@Nullable Slot slot,
      @Nullable UUID owner) {
    StartRow row = start.row();
    if (slot != null && owner != null && start.input() != null && result.owned()) {
      return engine.launch(
          Claimed.of(row),
          ClaimedHistory.NONE,
          start.input(),
          slot,
          () -> worker != null && worker.isMember(owner));
    }
    if (slot != null) {
      slot.free();
    }
    if (result.added() && worker != null) {
      worker.dueIn(due(row));
    }
    return CompletableFuture.completedFuture(null);
  }

  private static Duration due(StartRow row) {
    return row.delay() == null ? Duration.ZERO : row.delay();
  }

  /** The journal answers in time, if only to say that it does not know. */
  private static StartResult await(CompletableFuture<StartResult> answer, StartRow row) {
    try {
      return answer.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new DurableException(
          "Interrupted while starting workflow '"
              + row.workflow()
              + "'; execution "
              + row.id()
              + " may have been started.",
          interrupted);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new DurableException("Could not start workflow " + row.workflow(), failure.getCause());
    }
  }

  private Execution requireExecution(UUID id) {
    return find(id).orElseThrow(() -> new ExecutionNotFoundException(id, schema.prefix()));
  }

  private <O> Function<String, @Nullable O> decoder(Workflow<?, O> workflow) {
    String what = "result of workflow '" + workflow.name() + "'";
    return json -> payloads.decode(what, json, workflow.output());
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("This Durable instance is closed.");
    }
  }

  private static Map<String, Integer> concurrency(Map<String, QueueOptions> queues) {
    Map<String, Integer> concurrency = new LinkedHashMap<>();
    queues.forEach((queue, options) -> concurrency.put(queue, options.concurrency()));
    return concurrency;
  }
}
