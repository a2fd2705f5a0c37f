package dev.durable.internal.client;

import dev.durable.Debounce;
import dev.durable.IfEnded;
import dev.durable.StartOptions;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.DuplicateExecutionException;
import dev.durable.graph.WorkflowGraph;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.engine.Definitions;
import dev.durable.internal.store.client.DefinitionStore;
import dev.durable.internal.store.client.DefinitionStore.Definition;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Makes the row of a start, after checking its workflow, queue, options and input. */
public final class StartRequests {

  private final Definitions definitions;
  private final DefinitionStore store;
  private final Payloads payloads;
  private final DeployedNames deployed;
  private final DatabaseWait wait;

  public StartRequests(Definitions definitions, DefinitionStore store, Payloads payloads) {
    this(definitions, store, payloads, new DeployedNames(store), DatabaseWait.NONE);
  }

  private StartRequests(
      Definitions definitions,
      DefinitionStore store,
      Payloads payloads,
      DeployedNames deployed,
      DatabaseWait wait) {
    this.definitions = definitions;
    this.store = store;
    this.payloads = payloads;
    this.deployed = deployed;
    this.wait = wait;
  }

  /** The same, for starts that wait for the database if it is away. */
  public StartRequests waiting(DatabaseWait forDatabase) {
    return new StartRequests(definitions, store, payloads, deployed, forDatabase);
  }

  /**
   * Notes what has just been stored, so that no start asks for it.
   *
   * @param workflows definitions
   * @param queues that a worker serves
   */
  void stored(Collection<? extends Workflow<?, ?>> workflows, Collection<String> queues) {
    deployed.add(workflows.stream().map(Workflow::name).toList(), queues);
  }

  /**
   * Checks that a workflow has ever been registered, and a queue worked on.
   *
   * @param queue or null
   */
  void requireDeployed(String workflow, @Nullable String queue) {
    deployed.requireWorkflow(workflow);
    if (queue != null) {
      deployed.requireQueue(queue);
    }
  }

  <I> Start prepare(Workflow<I, ?> workflow, I input, StartOptions options) {
    wait.until(() -> deployed.requireWorkflow(workflow.name()));
    return start(
        workflow, payloads.prepare(input(workflow.name()), input, workflow.input()), options);
  }

  /** Prepares a start for each input. */
  <I> List<Start> prepareAll(
      Workflow<I, ?> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(with, "with");
    List<Start> prepared = new ArrayList<>(inputs.size());
    for (I input : inputs) {
      prepared.add(prepare(workflow, input, StartOptions.of(start -> with.accept(input, start))));
    }
    return prepared;
  }

  /**
   * The row of a child execution. If neither the call nor its workflow names a queue, it goes to
   * the queue of its parent, as long as the worker of that can run it: no other one may serve both.
   */
  <I> StartRow child(Workflow<I, ?> workflow, I input, ChildOptions options) {
    String key = options.key();
    String queue = options.queue();
    String limitKey = options.limitKey();
    StartOptions start =
        StartOptions.of(
            with -> {
              if (key != null) {
                with.key(key);
              }
              if (queue != null) {
                with.queue(queue);
              }
              if (limitKey != null) {
                with.limitKey(limitKey);
              }
              options.tags().forEach(with::tag);
            });
    StartRow row = prepare(workflow, input, start).row();
    boolean unnamed = queue == null && workflow.queue().equals(Workflow.DEFAULT_QUEUE);
    return unnamed && isRegistered(workflow) ? row.inParentsQueue() : row;
  }

  private boolean isRegistered(Workflow<?, ?> workflow) {
    Workflow<?, ?> here = definitions.find(workflow.name(), workflow.version());
    return here != null && here.fingerprint().equals(workflow.fingerprint());
  }

  Start prepare(String name, String json, StartOptions options) {
    Workflow<?, ?> workflow = definitions.latest(name);
    if (workflow != null) {
      JsonValue input = payloads.prepareJson(input(name), json, workflow.input());
      return start(workflow, input, options);
    }
    String stored = payloads.fromPlain(input(name), json);
    Definition definition = wait.until(() -> toStart(name));
    StartRow row =
        row(
            name,
            definition.version(),
            definition.fingerprint(),
            definition.queue(),
            definition.timeout(),
            stored,
            options);
    return new Start(row, null, options);
  }

  private Definition toStart(String name) {
    return store
        .toStart(name)
        .orElseThrow(() -> new UnknownWorkflowException(name, store.workflows()));
  }

  private Start start(Workflow<?, ?> workflow, JsonValue input, StartOptions options) {
    StartRow row =
        row(
            workflow.name(),
            workflow.version(),
            workflow.fingerprint(),
            workflow.queue(),
            workflow.timeout().orElse(null),
            input.json(),
            options);
    return new Start(row, input, options);
  }

  private static String input(String workflow) {
    return "input of workflow '" + workflow + "'";
  }

  /**
   * A checked start.
   *
   * @param row the row to store
   * @param input the input as its workflow reads it, if that is registered here
   * @param options the options of the caller
   */
  record Start(StartRow row, @Nullable JsonValue input, StartOptions options) {

    /** The same, for a tick of a schedule. */
    Start of(StartRow.Tick tick) {
      return new Start(row.of(tick), input, options);
    }

    /** Whether an execution with the key that has ended is as good as one that has not. */
    boolean acceptsEnded() {
      return options.ifEnded() == null || options.ifEnded() == IfEnded.RETURN;
    }

    /** The id of the new execution, or of the one with the key, if the caller accepts that. */
    UUID accept(StartResult result) {
      boolean rejected =
          options.rejectsDuplicate()
              || (result.ended() && options.ifEnded() == IfEnded.REJECT)
              || (row.isDebounced() && !result.replaced());
      if (!result.added() && rejected) {
        throw new DuplicateExecutionException(
            row.workflow(), String.valueOf(row.key()), result.id());
      }
      return result.id();
    }
  }

  private StartRow row(
      String name,
      int version,
      String fingerprint,
      String defaultQueue,
      @Nullable Duration timeout,
      String json,
      StartOptions options) {
    requireKey(name, options);
    String queue = options.queue() == null ? defaultQueue : options.queue();
    wait.until(() -> deployed.requireQueue(queue));
    if (options.limitKey() != null) {
      deployed.warnUnlessKeyed(queue);
    }
    return new StartRow(
        TimeOrderedIds.next(),
        new StartRow.Definition(name, version, fingerprint),
        use(options),
        turn(queue, options),
        json,
        options.tags(),
        limit(timeout, options),
        null,
        null);
  }

  private static StartRow.KeyUse use(StartOptions options) {
    Debounce debounce = options.debounce();
    return new StartRow.KeyUse(
        debounce == null ? options.key() : debounce.key(),
        options.ifEnded() == IfEnded.RESTART,
        debounce);
  }

  private static StartRow.Turn turn(String queue, StartOptions options) {
    Debounce debounce = options.debounce();
    Duration delay = debounce == null ? options.delay() : debounce.quiet();
    return new StartRow.Turn(
        queue, options.priority(), delay, options.at(), options.limitKey(), false);
  }

  private static void requireKey(String workflow, StartOptions options) {
    if (options.key() == null && (options.rejectsDuplicate() || options.ifEnded() != null)) {
      throw new IllegalArgumentException(
          (options.rejectsDuplicate() ? "rejectDuplicate()" : "ifEnded(…)")
              + " needs a key, for nothing else makes two starts of workflow '"
              + workflow
              + "' the same: add .key(...).");
    }
  }

  private static StartRow.Limit limit(@Nullable Duration ofWorkflow, StartOptions options) {
    Instant deadline = options.deadline();
    Duration timeout = options.timeout();
    return deadline != null
        ? new StartRow.Limit(null, deadline)
        : StartRow.Limit.after(timeout == null ? ofWorkflow : timeout);
  }

  /** The rows of definitions. */
  static Collection<Definition> rows(Collection<? extends Workflow<?, ?>> workflows) {
    return workflows.stream()
        .map(
            workflow ->
                new Definition(
                    workflow.name(),
                    workflow.version(),
                    workflow.fingerprint(),
                    WorkflowGraph.of(workflow).toJson(),
                    Definitions.shape(workflow),
                    workflow.queue(),
                    workflow.timeout().orElse(null),
                    workflow.compensatesOn(CompensationTrigger.CANCEL),
                    workflow.compensatesOn(CompensationTrigger.TIMEOUT)
                        && Definitions.mayUndo(workflow)))
        .toList();
  }
}
