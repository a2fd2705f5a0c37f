package dev.durable.internal.journal;

import dev.durable.json.TypeRef;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.TransactionContext;
import java.sql.Connection;
import java.util.concurrent.Callable;

/** A step's context with the open transaction beside it. */
record OpenTransaction<I>(StepContext<I> step, Connection connection)
    implements TransactionContext<I> {

  @Override
  public ExecutionInfo execution() {
    return step.execution();
  }

  @Override
  public String path() {
    return step.path();
  }

  @Override
  public int attempt() {
    return step.attempt();
  }

  @Override
  public I input() {
    return step.input();
  }

  @Override
  public <R> R result(StepRef<R> ref) {
    return step.result(ref);
  }

  @Override
  public String idempotencyKey() {
    return step.idempotencyKey();
  }

  @Override
  public String idempotencyKey(String effect) {
    return step.idempotencyKey(effect);
  }

  @Override
  public <R> R run(String name, TypeRef<R> type, Callable<R> effect) throws Exception {
    return step.run(name, type, effect);
  }

  @Override
  public boolean isCancelled() {
    return step.isCancelled();
  }
}
