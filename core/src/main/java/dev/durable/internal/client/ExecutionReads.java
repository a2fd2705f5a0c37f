package dev.durable.internal.client;

import dev.durable.DeployedWorkflow;
import dev.durable.DurableException;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.execution.StepExecution;
import dev.durable.graph.WorkflowGraph;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.client.DefinitionStore;
import dev.durable.internal.store.client.DeployStore;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.store.client.QueryStore;
import dev.durable.internal.store.client.WaitStore;
import dev.durable.internal.store.worker.HistoryStore;
import dev.durable.wait.OpenWait;
import dev.durable.wait.UnreadEvent;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Reads executions, their histories and their definitions. Asks the database only, no run. */
public final class ExecutionReads {

  private final ExecutionStore executions;
  private final HistoryStore histories;
  private final QueryStore queries;
  private final DefinitionStore definitions;
  private final DeployStore deployed;
  private final MailboxStore mailboxes;
  private final WaitStore openWaits;
  private final String schema;

  public ExecutionReads(Stores stores) {
    this.executions = stores.executions();
    this.histories = stores.histories();
    this.queries = stores.queries();
    this.definitions = stores.definitions();
    this.deployed = stores.deployments();
    this.mailboxes = stores.mailboxes();
    this.openWaits = stores.waits();
    this.schema = stores.schema().prefix();
  }

  public Optional<Execution> find(UUID id) {
    Objects.requireNonNull(id, "id");
    return executions.find(id);
  }

  public Optional<Execution> find(String workflow, String key) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(key, "key");
    return executions.find(workflow, key);
  }

  /**
   * An execution that must exist.
   *
   * @throws ExecutionNotFoundException if it does not
   */
  public Execution require(UUID id) {
    return find(id).orElseThrow(() -> new ExecutionNotFoundException(id, schema));
  }

  public Page<Execution> list(Consumer<? super ExecutionQuery> filter) {
    return queries.list(ExecutionQuery.of(filter));
  }

  public Map<ExecutionStatus, Long> countByStatus(Consumer<? super ExecutionQuery> filter) {
    return queries.countByStatus(ExecutionQuery.of(filter));
  }

  public List<StepExecution> steps(UUID id) {
    Objects.requireNonNull(id, "id");
    return histories.steps(id);
  }

  public WorkflowGraph graph(String workflow) {
    Objects.requireNonNull(workflow, "workflow");
    return definitions
        .latest(workflow)
        .map(definition -> WorkflowGraph.fromJson(definition.graph()))
        .orElseThrow(() -> new UnknownWorkflowException(workflow, definitions.workflows()));
  }

  /** The graph of an execution's own definition, with its steps on it. */
  public WorkflowGraph graph(UUID id) {
    Objects.requireNonNull(id, "id");
    List<StepExecution> done = histories.steps(id);
    String graph =
        definitions
            .graphOf(id)
            .orElseThrow(
                () -> new DurableException("The definition of execution " + id + " is not known."));
    return WorkflowGraph.fromJson(graph).overlay(done);
  }

  public List<OpenWait> waits(UUID id) {
    Objects.requireNonNull(id, "id");
    return known(id, openWaits.list(id));
  }

  public List<UnreadEvent> unread(UUID id) {
    Objects.requireNonNull(id, "id");
    return known(id, mailboxes.unread(id));
  }

  public List<Execution> children(UUID id) {
    Objects.requireNonNull(id, "id");
    return known(id, executions.children(id));
  }

  /** An empty list is an answer only if the execution exists. */
  private <T> List<T> known(UUID id, List<T> found) {
    if (found.isEmpty()) {
      require(id);
    }
    return found;
  }

  public List<DeployedWorkflow> workflows() {
    return deployed.deployed();
  }
}
