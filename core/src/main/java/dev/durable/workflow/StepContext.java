package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.concurrent.Callable;

/**
 * What a running step knows about itself and its execution. Valid while the body runs; its methods
 * may be called from threads that the body starts and waits for.
 *
 * @param <I> the workflow's input
 */
public interface StepContext<I> extends WaitOperations, ChildOperations {

  /** The execution that this step belongs to. */
  ExecutionInfo execution();

  /** The step's path in the definition, such as {@code charge}. */
  String path();

  /**
   * The number of this attempt; the first is 1. Attempts that a lost worker left open count as
   * well.
   */
  int attempt();

  /** The workflow's input. */
  I input();

  /**
   * The result of an earlier step of this execution.
   *
   * <p>A result that does not fit the reference's type parks the execution as unreadable, whatever
   * the body does about it.
   *
   * @throws IllegalStateException if that step has no committed result, or does not exist
   */
  <R> R result(StepRef<R> step);

  /**
   * A key that is the same in every attempt of this step, also after a crash, and differs between
   * steps and executions. Hand it to the remote system, so that it recognises a repeated request.
   * Inside an effect, on the thread that {@code run(name, …)} calls it on, it is that effect's own:
   * that of {@link #idempotencyKey(String)}.
   */
  String idempotencyKey();

  /**
   * The same for one effect inside this step: {@code run(name, …)} uses it when the step has
   * several effects.
   */
  String idempotencyKey(String effect);

  /**
   * Runs an effect once and remembers its result: committed before this method returns, and
   * returned without running the effect in every later run of this body. An effect that throws is
   * not remembered.
   *
   * @param name unique within this step
   * @return the effect's result, as it comes back from the codec
   * @throws IllegalStateException if this body has already asked for that name in this run
   * @throws IllegalArgumentException if the name has a NUL character or half a surrogate pair
   * @throws Exception what the effect throws
   */
  <R> R run(String name, TypeRef<R> type, Callable<R> effect) throws Exception;

  /** {@link #run(String, TypeRef, Callable)} with a class. */
  default <R> R run(String name, Class<R> type, Callable<R> effect) throws Exception {
    return run(name, TypeRef.of(type), effect);
  }

  /**
   * True when this attempt is no longer wanted: its execution was cancelled, it ran into its
   * timeout, or this node lost its lease. The body's thread is also interrupted. Whatever the body
   * returns after that is thrown away.
   */
  boolean isCancelled();
}
