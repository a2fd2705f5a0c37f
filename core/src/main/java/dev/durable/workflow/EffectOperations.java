package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.concurrent.Callable;

/**
 * The effects of a body: each runs once, and is remembered by its name.
 *
 * @param <I> the workflow's input
 */
public interface EffectOperations<I> {

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
}
