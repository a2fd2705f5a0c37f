package dev.durable.internal;

import dev.durable.DeployedWorkflow;
import dev.durable.Durable;
import dev.durable.Health;
import dev.durable.StartOptions;
import dev.durable.TransactionScope;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.StepExecution;
import dev.durable.graph.WorkflowGraph;
import dev.durable.internal.client.CallerTransactions;
import dev.durable.internal.client.ChildExecutions;
import dev.durable.internal.client.EventSender;
import dev.durable.internal.client.ExecutionCommands;
import dev.durable.internal.client.ExecutionReads;
import dev.durable.internal.client.Handles;
import dev.durable.internal.client.LocalWorker;
import dev.durable.internal.client.ResultWaiters;
import dev.durable.internal.client.StartRequests;
import dev.durable.internal.client.Starter;
import dev.durable.internal.client.StoredQuestions;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.engine.Engine;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.service.Services;
import dev.durable.internal.service.Timers;
import dev.durable.internal.settings.Settings;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintThread;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.transaction.TransactionRunner;
import dev.durable.internal.worker.Slots;
import dev.durable.internal.worker.Worker;
import dev.durable.question.Questions;
import dev.durable.queue.QueueOptions;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.OpenWait;
import dev.durable.wait.SendOptions;
import dev.durable.wait.UnreadEvent;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Implements the facade: wires the parts of an instance, opens and closes them, and passes each
 * call on to the part that does it.
 *
 * <p>Where to look next: {@link Starter} for starts, {@link EventSender} and {@link
 * StoredQuestions} for what wakes an execution, {@link ExecutionReads} for questions, {@link
 * CallerTransactions} for {@code using(connection)}, {@link Worker} for claims and the lease,
 * {@link Engine} for runs. A client has no worker and no engine.
 */
public final class DurableInstance implements Durable {

  private static final Logger LOG = LoggerFactory.getLogger(DurableInstance.class);

  private final Services services;
  private final Duration longestHindrance;
  private final HintThread hints;
  private final Journal journal;
  private final ResultWaiters results;
  private final @Nullable LocalWorker local;
  private final Timers timers;
  private final ExecutionReads reads;
  private final Handles handles;
  private final Starter starter;
  private final EventSender events;
  private final StoredQuestions questions;
  private final ExecutionCommands commands;
  private final CallerTransactions transactions;
  private final Lifetime lifetime = new Lifetime(this::closeParts);

  private DurableInstance(
      DataSource dataSource,
      Settings settings,
      Collection<Workflow<?, ?>> workflows,
      @Nullable Map<String, QueueOptions> queues) {
    this.services = new Services(settings.workerName, settings.standstill());
    this.longestHindrance = settings.patience().dividedBy(2);
    Schema schema = new Schema(settings.schema);
    Database silent = new Database(dataSource);
    this.hints = new HintThread(silent, schema, settings.workerName + "-hint-sender");
    Database database = silent.telling(hints);
    Definitions definitions = new Definitions(workflows);
    Stores stores = Stores.on(database, schema);
    JournalStore journalStore = stores.journal();
    ExecutionStore executions = stores.executions();
    UncommittedStarts uncommitted = new UncommittedStarts(database, schema);
    Payloads payloads =
        new Payloads(settings.codec, settings.softPayloadBytes, settings.hardPayloadBytes);
    if (!workflows.isEmpty()) {
      stores.registrations().putDefinitions(StartRequests.stored(definitions), queues != null);
    }
    if (queues != null) {
      stores.registrations().putQueues(queues.keySet());
    }
    StartRequests starts =
        new StartRequests(
            definitions,
            stores.definitions(),
            payloads,
            queues == null ? List.of() : queues.keySet());
    Database hasty = database.within(settings.patience());
    this.journal = new Journal(services, hasty, settings.patience(), journalStore, hints::send);
    Stores hastyStores = Stores.on(hasty, schema);
    this.results = new ResultWaiters(hastyStores.executions(), services);
    this.reads = new ExecutionReads(stores);
    this.handles = new Handles(results, payloads, id -> reads().require(id).status());
    this.events = new EventSender(stores.mailboxes(), executions, payloads, this::signalled);
    this.questions = new StoredQuestions(stores.questions(), executions, payloads, this::signalled);
    this.transactions =
        new CallerTransactions(
            database, schema, starts, uncommitted, journalStore, payloads, hints);
    this.timers = services.timers("timers");
    timers.repeat(journal::giveUpLateStarts, Duration.ofSeconds(1));
    if (queues == null) {
      this.local = null;
    } else {
      Engine engine =
          new Engine(
              timers,
              definitions,
              hastyStores,
              payloads,
              journal,
              new TransactionRunner(database, settings.patience(), journalStore, hints::send),
              new ChildExecutions(starts, hastyStores.executions()),
              settings.showRunningAfter,
              results::announce);
      Slots slots = Slots.of(queues);
      this.local =
          new LocalWorker(engine, new Worker(settings, hasty, schema, slots, engine, services));
    }
    this.starter = new Starter(starts, uncommitted, journal, handles, local);
    this.commands = ExecutionCommands.of(stores, reads, local);
  }

  // ---- lifecycle ----

  /** An instance that starts, asks and runs executions. */
  public static Durable worker(
      DataSource dataSource,
      Settings settings,
      Collection<Workflow<?, ?>> workflows,
      Map<String, QueueOptions> queues) {
    DurableInstance durable = new DurableInstance(dataSource, settings, workflows, queues);
    try {
      Objects.requireNonNull(durable.local, "local").start();
      durable.lifetime.holdJvm(durable.services.name("worker"));
      return durable;
    } catch (Throwable failure) {
      durable.close();
      throw failure;
    }
  }

  /** An instance that starts and asks only. */
  public static Durable client(
      DataSource dataSource, Settings settings, Collection<Workflow<?, ?>> workflows) {
    return new DurableInstance(dataSource, settings, workflows, null);
  }

  @Override
  public Health health() {
    List<String> reasons = new ArrayList<>();
    if (lifetime.isClosed()) {
      reasons.add("this instance is closed");
    } else {
      services.troubles().forEach(trouble -> reasons.add(trouble.toString()));
      reasons.addAll(services.hindrances(longestHindrance));
      if (local != null) {
        reasons.addAll(local.worker().reasons());
      }
    }
    return new Health(reasons);
  }

  @Override
  public void close() {
    Engine engine = local == null ? null : local.engine();
    lifetime.close(
        () -> {
          if (engine != null) {
            engine.beginsNoBody();
          }
        });
    if (engine == null || !engine.isBody(Thread.currentThread())) {
      lifetime.awaitEnd();
    }
  }

  /** Closes the worker first, then the parts from the last named to the first. */
  private void closeParts() {
    try (HintThread fifth = hints;
        ResultWaiters fourth = results;
        AutoCloseable third = timers::shutdownNow;
        Journal second = journal) {
      if (local != null) {
        local.worker().close();
      }
    } catch (Exception failure) {
      LOG.warn("Could not close in good order", failure);
    }
  }

  // ---- starts ----

  @Override
  public <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, Consumer<? super StartOptions> with) {
    lifetime.requireOpen();
    return starter.start(workflow, input, with);
  }

  @Override
  public ExecutionHandle<String> start(
      String workflow, String json, Consumer<? super StartOptions> with) {
    lifetime.requireOpen();
    return starter.start(workflow, json, with);
  }

  @Override
  public <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    lifetime.requireOpen();
    return starter.startAll(workflow, inputs, with);
  }

  @Override
  public <I, E> UUID startAndSend(
      Workflow<I, ?> workflow,
      I input,
      Consumer<? super StartOptions> with,
      Event<E> event,
      E payload) {
    lifetime.requireOpen();
    UUID started = transactions.startAndSend(workflow, input, with, event, payload);
    if (local != null) {
      local.worker().look();
    }
    return started;
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

  // ---- signals and operations ----

  private EventSender events() {
    lifetime.requireOpen();
    return events;
  }

  @Override
  public <E> Delivery send(UUID id, Event<E> event, E payload, Consumer<? super SendOptions> with) {
    return events().send(id, event, payload, with);
  }

  @Override
  public Delivery send(UUID id, String event, String json, Consumer<? super SendOptions> with) {
    return events().sendJson(id, event, json, with);
  }

  @Override
  public <E> Delivery sendByKey(
      Workflow<?, ?> workflow,
      String key,
      Event<E> event,
      E payload,
      Consumer<? super SendOptions> with) {
    return events().sendByKey(workflow, key, event, payload, with);
  }

  @Override
  public Questions questions() {
    lifetime.requireOpen();
    return questions;
  }

  private ExecutionCommands commands() {
    lifetime.requireOpen();
    return commands;
  }

  @Override
  public void cancel(UUID id, String reason) {
    commands().cancel(id, reason);
  }

  @Override
  public void retry(UUID id) {
    commands().retry(id);
  }

  @Override
  public void giveUp(UUID id, String reason) {
    commands().giveUp(id, reason);
  }

  @Override
  public void reschedule(UUID id, Instant time) {
    commands().reschedule(id, time);
  }

  @Override
  public void reschedule(UUID id, Duration wait) {
    commands().reschedule(id, wait);
  }

  @Override
  public void cancelWait(UUID id) {
    commands().cancelWaits(id, null);
  }

  @Override
  public void cancelWait(UUID id, String path) {
    Objects.requireNonNull(path, "path");
    commands().cancelWaits(id, path);
  }

  /** Informs a run of this instance at once; its hint would take longer. */
  private void signalled(UUID id) {
    if (local != null) {
      local.signalled(id);
    }
  }
}
