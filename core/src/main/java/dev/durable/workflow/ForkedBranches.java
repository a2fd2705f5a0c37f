package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * The branches of a {@linkplain ForkOperations#parallel(String, Consumer) parallel} in a body. They
 * begin when they are joined, all at once. Used by the thread of the body.
 *
 * @param <I> the workflow's input
 */
public interface ForkedBranches<I> {

  // ---- a branch of one effect ----

  /**
   * A branch that is one effect: it runs once, and its result is remembered.
   *
   * @param name unique within this parallel
   * @param with its retries and timeout
   * @throws IllegalStateException if the branches have been joined, or another one has that name
   */
  <R> ForkedBranch<R> run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with);

  /** {@link #run(String, TypeRef, Callable, Consumer)} with a class. */
  default <R> ForkedBranch<R> run(
      String name,
      Class<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with) {
    return run(name, TypeRef.of(type), effect, with);
  }

  /** {@link #run(String, TypeRef, Callable, Consumer)} without options. */
  default <R> ForkedBranch<R> run(String name, TypeRef<R> type, Callable<? extends R> effect) {
    return run(name, type, effect, with -> {});
  }

  /** {@link #run(String, TypeRef, Callable, Consumer)} with a class, without options. */
  default <R> ForkedBranch<R> run(String name, Class<R> type, Callable<? extends R> effect) {
    return run(name, TypeRef.of(type), effect, with -> {});
  }

  /** {@link #run(String, TypeRef, Callable, Consumer)} for an effect that has no result. */
  default ForkedBranch<Void> run(
      String name, EffectAction effect, Consumer<? super EffectOptions<Void>> with) {
    return run(name, TypeRef.of(Void.class), Nodes.acting(effect), with);
  }

  /** {@link #run(String, EffectAction, Consumer)} without options. */
  default ForkedBranch<Void> run(String name, EffectAction effect) {
    return run(name, effect, with -> {});
  }

  // ---- a branch of a body ----

  /**
   * A branch that is a body of its own.
   *
   * @param name unique within this parallel
   * @param body gets the context of the branch
   * @throws IllegalStateException if the branches have been joined, or another one has that name
   */
  <R> ForkedBranch<R> branch(String name, TypeRef<R> type, BranchBody<I, ? extends R> body);

  /** {@link #branch(String, TypeRef, BranchBody)} with a class. */
  default <R> ForkedBranch<R> branch(String name, Class<R> type, BranchBody<I, ? extends R> body) {
    return branch(name, TypeRef.of(type), body);
  }

  /** {@link #branch(String, TypeRef, BranchBody)} without a result. */
  default ForkedBranch<Void> branch(String name, BranchAction<I> body) {
    return branch(name, TypeRef.of(Void.class), Nodes.acting(body));
  }

  // ---- the join ----

  /**
   * Runs the branches, and returns when enough of them have ended. Those that are not needed any
   * more are interrupted; their waits are closed, and their children cancelled. This method returns
   * only after the code of all branches has ended.
   *
   * <p>A body must join its branches before it returns.
   *
   * @throws BranchFailedException if a branch has failed for good, or too few can complete. That is
   *     remembered: whenever the body is entered again, this throws it again, until an operator
   *     retries the execution
   * @throws IllegalStateException if they have been joined already, or are fewer than are needed
   * @throws Exception what a branch throws, if the first failure fails the whole and another
   *     attempt of the step may help
   */
  void join() throws Exception;
}
