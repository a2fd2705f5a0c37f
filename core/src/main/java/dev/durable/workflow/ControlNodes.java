package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Nodes that say which paths are run, and how often.
 *
 * @param <I> the workflow's input
 * @param <T> what the last node so far hands on
 */
public sealed interface ControlNodes<I, T> permits WorkflowBuilder {

  // ---- when, branch, decide ----

  /**
   * Runs a path if the condition holds; otherwise the data goes on as it is. The choice is
   * committed before the path begins, so it is never made twice.
   */
  default WorkflowBuilder<I, T> when(
      String name, StepFunction<? super T, Boolean> condition, PathDefinition<I, T, T> then) {
    return when(name, condition, then, path -> path);
  }

  /** Runs one of two paths; they are called {@code true} and {@code false} in the history. */
  default WorkflowBuilder<I, T> when(
      String name,
      StepFunction<? super T, Boolean> condition,
      PathDefinition<I, T, T> then,
      PathDefinition<I, T, T> otherwise) {
    Objects.requireNonNull(condition, "condition");
    Objects.requireNonNull(then, "then");
    Objects.requireNonNull(otherwise, "otherwise");
    return branch(name, condition, cases -> cases.when(true, then).when(false, otherwise));
  }

  /**
   * Runs one of several paths. The choice is committed before the path begins, so it is never made
   * twice. Cases on an enum, a boolean or a sealed type must cover all of it, or there must be an
   * {@code otherwise}; where that cannot be checked and no case matches, the data is handed on as
   * it is.
   *
   * @param selector the value that chooses the case
   * @param cases adds the cases
   */
  <K> WorkflowBuilder<I, T> branch(
      String name,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, T>> cases);

  /** Runs one of several paths that hand on a class. */
  default <K, R> WorkflowBuilder<I, R> branch(
      String name,
      Class<R> type,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, R>> cases) {
    return branch(name, TypeRef.of(type), selector, cases);
  }

  /** Runs one of several paths that hand on a generic type. */
  <K, R> WorkflowBuilder<I, R> branch(
      String name,
      TypeRef<R> type,
      StepFunction<? super T, ? extends K> selector,
      Consumer<? super Cases<I, T, K, R>> cases);

  /**
   * Decides where to go on: with the next node, or further down. Runs like a step, and where it
   * went is committed like a result.
   *
   * @param targets where it may jump to: the name of a later node of this path or of an enclosing
   *     one, or {@code branch/case/step} for a node inside a case; each must take this data
   * @param body answers with {@link Decision#next()} or {@link Decision#goTo(String)}
   */
  default WorkflowBuilder<I, T> decide(
      String name, List<String> targets, StepFunction<? super T, Decision<T>> body) {
    return decide(name, targets, body, with -> {});
  }

  /** Decides where to go on, with options. */
  WorkflowBuilder<I, T> decide(
      String name,
      List<String> targets,
      StepFunction<? super T, Decision<T>> body,
      Consumer<? super DecideOptions> with);

  // ---- parallel ----

  /**
   * Runs several branches at once, then joins their results: {@code par -> { var a = par.step(…);
   * var b = par.path(…); return par.join((data, all) -> …); }}
   */
  default WorkflowBuilder<I, T> parallel(
      String name, Function<Parallel<I, T>, Parallel.Joined<T, ? extends T>> branches) {
    return parallel(name, branches, with -> {});
  }

  /** Runs several branches at once, then makes the data anew of their results; with options. */
  WorkflowBuilder<I, T> parallel(
      String name,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends T>> branches,
      Consumer<? super ParallelOptions<T>> with);

  /** Runs several branches at once, then makes another type of their results. */
  default <R> WorkflowBuilder<I, R> parallel(
      String name,
      Class<R> type,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends R>> branches) {
    return parallel(name, TypeRef.of(type), branches, with -> {});
  }

  /** Runs several branches at once, then makes another type of their results; with options. */
  default <R> WorkflowBuilder<I, R> parallel(
      String name,
      Class<R> type,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends R>> branches,
      Consumer<? super ParallelOptions<R>> with) {
    return parallel(name, TypeRef.of(type), branches, with);
  }

  /** Runs several branches at once, then makes another type of their results. */
  default <R> WorkflowBuilder<I, R> parallel(
      String name,
      TypeRef<R> type,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends R>> branches) {
    return parallel(name, type, branches, with -> {});
  }

  /** Runs several branches at once, then makes another type of their results; with options. */
  <R> WorkflowBuilder<I, R> parallel(
      String name,
      TypeRef<R> type,
      Function<Parallel<I, T>, Parallel.Joined<T, ? extends R>> branches,
      Consumer<? super ParallelOptions<R>> with);

  // ---- forEach ----

  /**
   * Runs a path once for each item of a list, several at once; the data goes on as it is. The list
   * is committed before the first item begins.
   */
  default <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each) {
    return forEach(
        name, Nodes.typeOf(item, "item"), items, each, (data, results) -> data, with -> {});
  }

  /**
   * Runs a path once for each item of a list, several at once; the data goes on as it is; with
   * options. The list is committed before the first item begins.
   */
  default <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Consumer<? super ForEachOptions<T>> with) {
    return forEach(name, Nodes.typeOf(item, "item"), items, each, (data, results) -> data, with);
  }

  /**
   * Runs a path once for each item of a list, several at once; the data goes on as it is. The list
   * is committed before the first item begins.
   */
  default <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each) {
    return forEach(name, item, items, each, (data, results) -> data, with -> {});
  }

  /**
   * Runs a path once for each item of a list, several at once; the data goes on as it is; with
   * options. The list is committed before the first item begins.
   */
  default <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Consumer<? super ForEachOptions<T>> with) {
    return forEach(name, item, items, each, (data, results) -> data, with);
  }

  /** Runs a path for each item; the results go into the data, in the order of the items. */
  default <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends T> into) {
    return forEach(name, Nodes.typeOf(item, "item"), items, each, into, with -> {});
  }

  /**
   * Runs a path for each item; the results go into the data, in the order of the items; with
   * options.
   */
  default <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends T> into,
      Consumer<? super ForEachOptions<T>> with) {
    return forEach(name, Nodes.typeOf(item, "item"), items, each, into, with);
  }

  /** Runs a path for each item; the results go into the data, in the order of the items. */
  default <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends T> into) {
    return forEach(name, item, items, each, into, with -> {});
  }

  /**
   * Runs a path for each item; the results go into the data, in the order of the items; with
   * options.
   */
  <E, X> WorkflowBuilder<I, T> forEach(
      String name,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends T> into,
      Consumer<? super ForEachOptions<T>> with);

  /** Runs a path for each item, and makes another type of the data and the results. */
  default <E, X, O> WorkflowBuilder<I, O> forEach(
      String name,
      Class<O> type,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends O> into) {
    return forEach(
        name, TypeRef.of(type), Nodes.typeOf(item, "item"), items, each, into, with -> {});
  }

  /**
   * Runs a path for each item, and makes another type of the data and the results; with options.
   */
  default <E, X, O> WorkflowBuilder<I, O> forEach(
      String name,
      Class<O> type,
      Class<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends O> into,
      Consumer<? super ForEachOptions<O>> with) {
    return forEach(name, TypeRef.of(type), Nodes.typeOf(item, "item"), items, each, into, with);
  }

  /** Runs a path for each item, and makes another type of the data and the results. */
  default <E, X, O> WorkflowBuilder<I, O> forEach(
      String name,
      TypeRef<O> type,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends O> into) {
    return forEach(name, type, item, items, each, into, with -> {});
  }

  /**
   * Runs a path for each item, and makes another type of the data and the results; with options.
   */
  <E, X, O> WorkflowBuilder<I, O> forEach(
      String name,
      TypeRef<O> type,
      TypeRef<E> item,
      StepFunction<? super T, ? extends List<? extends E>> items,
      PathDefinition<I, E, X> each,
      Into<? super T, ItemResults<X>, ? extends O> into,
      Consumer<? super ForEachOptions<O>> with);

  // ---- repeat ----

  /**
   * Runs a path again and again until a condition holds, which is asked after each round. Only the
   * last round stays in the history, and what a compensation needs.
   *
   * @param done whether to end, made of what the round handed on
   * @param round a round's path; each gets what the one before handed on
   */
  default WorkflowBuilder<I, T> repeatUntil(
      String name, StepFunction<? super T, Boolean> done, PathDefinition<I, T, T> round) {
    return repeatUntil(name, done, round, with -> {});
  }

  /** Runs a path again and again until a condition holds; with options. */
  WorkflowBuilder<I, T> repeatUntil(
      String name,
      StepFunction<? super T, Boolean> done,
      PathDefinition<I, T, T> round,
      Consumer<? super RepeatOptions> with);
}
