package dev.durable.internal.client;

import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.workflow.Workflow;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the handles of executions; through it they read a status and wait for an end. */
public final class Handles {

  private final ResultWaiters results;
  private final Payloads payloads;
  private final Function<UUID, ExecutionStatus> status;
  private final ExecutionRef.Lookup started = lookup(true);
  private final ExecutionRef.Lookup unknown = lookup(false);

  /**
   * @param status the status of an execution, which must exist
   */
  public Handles(ResultWaiters results, Payloads payloads, Function<UUID, ExecutionStatus> status) {
    this.results = results;
    this.payloads = payloads;
    this.status = status;
  }

  /** The handle of an execution that may not exist. */
  public ExecutionHandle<String> of(UUID id) {
    Objects.requireNonNull(id, "id");
    return new ExecutionRef<>(unknown, id, false, end -> end, null);
  }

  /** The same, with the result as its workflow declares it. */
  public <O> ExecutionHandle<O> of(UUID id, Workflow<?, O> workflow) {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(workflow, "workflow");
    return new ExecutionRef<>(unknown, id, false, decoder(workflow), null);
  }

  /**
   * The handle of an execution that is known to exist.
   *
   * @param isNew whether this start added it
   * @param local the end of its run on this worker, if it began here
   */
  <O> ExecutionHandle<O> ofStarted(
      UUID id,
      boolean isNew,
      Function<String, @Nullable O> decoder,
      @Nullable CompletableFuture<@Nullable End> local) {
    return new ExecutionRef<>(started, id, isNew, decoder, local);
  }

  /**
   * The handle of an execution whose start may not have been committed yet.
   *
   * @param isNew whether this start added it
   */
  <O> ExecutionHandle<O> ofUncommitted(
      UUID id, boolean isNew, Function<String, @Nullable O> decoder) {
    return new ExecutionRef<>(unknown, id, isNew, decoder, null);
  }

  /** Decodes the results of a workflow. */
  <O> Function<String, @Nullable O> decoder(Workflow<?, O> workflow) {
    String what = "result of workflow '" + workflow.name() + "'";
    return json -> payloads.decode(what, json, workflow.output());
  }

  /**
   * @param known whether the executions are known to exist
   */
  private ExecutionRef.Lookup lookup(boolean known) {
    return new ExecutionRef.Lookup() {
      @Override
      public ExecutionStatus status(UUID id) {
        return status.apply(id);
      }

      @Override
      public CompletableFuture<End> end(UUID id) {
        return results.of(id, known);
      }
    };
  }
}
