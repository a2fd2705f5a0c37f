package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * The effects of a body: each runs once, and is remembered by its name.
 *
 * @param <I> the workflow's input
 */
public interface EffectOperations<I> {

  // ---- with a result ----

  /**
   * Runs an effect once and remembers its result: committed before this method returns, and
   * returned without running the effect in every later run of this body. The failure of an effect
   * is remembered only if it has a retry policy.
   *
   * <p>An effect with a policy or a time limit cannot call this body's other effects, waits and
   * children.
   *
   * @param name unique within this step
   * @param with its retries and timeout
   * @return the effect's result, as it comes back from the codec
   * @throws IllegalStateException if this body has already asked for that name in this run, or if
   *     it is at most once and the effect has a retry policy
   * @throws IllegalArgumentException if the name has a NUL character or half a surrogate pair
   * @throws EffectFailedException if it has a retry policy, and its last attempt has failed
   * @throws StepTimeoutException if it has no retry policy, and took longer than its timeout
   * @throws Exception what the effect throws, if it has no retry policy
   */
  <R> R run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception;

  /** {@link #run(String, TypeRef, Callable, Consumer)} with a class. */
  default <R> R run(
      String name,
      Class<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return run(name, TypeRef.of(type), effect, with);
  }

  /** {@link #run(String, TypeRef, Callable, Consumer)} without options. */
  default <R> R run(String name, TypeRef<R> type, Callable<? extends R> effect) throws Exception {
    return run(name, type, effect, with -> {});
  }

  /** {@link #run(String, TypeRef, Callable, Consumer)} with a class, without options. */
  default <R> R run(String name, Class<R> type, Callable<? extends R> effect) throws Exception {
    return run(name, TypeRef.of(type), effect, with -> {});
  }

  // ---- without a result ----

  /** {@link #run(String, TypeRef, Callable, Consumer)} for an effect that has no result. */
  default void run(String name, EffectAction effect, Consumer<? super EffectOptions<Void>> with)
      throws Exception {
    run(name, TypeRef.of(Void.class), Nodes.acting(effect), with);
  }

  /** {@link #run(String, EffectAction, Consumer)} without options. */
  default void run(String name, EffectAction effect) throws Exception {
    run(name, effect, with -> {});
  }

  // ---- exactly once ----

  /**
   * Runs an effect whose SQL commits together with its being remembered: either both are there or
   * neither, and after a crash it runs only if neither is. If the database rolls it back, because
   * it collides with another transaction or its connection is lost, the effect runs again without
   * counting an attempt.
   *
   * <p>It runs on a thread of its own, and cannot call this body's other effects, waits and
   * children. Otherwise as {@link #run(String, TypeRef, Callable, Consumer)}.
   *
   * @param name unique within this step
   * @param effect gets the open transaction
   * @param with its retries and timeout
   */
  <R> R transaction(
      String name,
      TypeRef<R> type,
      TransactionEffect<I, ? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception;

  /** {@link #transaction(String, TypeRef, TransactionEffect, Consumer)} with a class. */
  default <R> R transaction(
      String name,
      Class<R> type,
      TransactionEffect<I, ? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return transaction(name, TypeRef.of(type), effect, with);
  }

  /** {@link #transaction(String, TypeRef, TransactionEffect, Consumer)} without options. */
  default <R> R transaction(String name, TypeRef<R> type, TransactionEffect<I, ? extends R> effect)
      throws Exception {
    return transaction(name, type, effect, with -> {});
  }

  /** {@link #transaction(String, TypeRef, TransactionEffect)} with a class. */
  default <R> R transaction(String name, Class<R> type, TransactionEffect<I, ? extends R> effect)
      throws Exception {
    return transaction(name, TypeRef.of(type), effect, with -> {});
  }

  /** {@link #transaction(String, TypeRef, TransactionEffect, Consumer)} without a result. */
  default void transaction(
      String name, TransactionEffectAction<I> effect, Consumer<? super EffectOptions<Void>> with)
      throws Exception {
    transaction(name, TypeRef.of(Void.class), Nodes.acting(effect), with);
  }

  /** {@link #transaction(String, TransactionEffectAction, Consumer)} without options. */
  default void transaction(String name, TransactionEffectAction<I> effect) throws Exception {
    transaction(name, effect, with -> {});
  }
}
