package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Nodes that start other executions: {@code (name, child, input)} hands on the child's result,
 * {@code (name, child, input, into)} puts it into the data, {@code (name, type, child, input,
 * into)} makes another type of both; options come last.
 *
 * @param <I> the workflow's input
 * @param <T> what the last node so far hands on
 */
public sealed interface ChildNodes<I, T> permits WorkflowBuilder {

  // ---- call ----

  /** Starts another execution, waits for it, and hands on its result. */
  default <J, X> WorkflowBuilder<I, X> call(
      String name, Workflow<J, X> child, StepFunction<? super T, ? extends J> input) {
    return call(name, child, input, with -> {});
  }

  /** Starts another execution, waits for it, and hands on its result; with options. */
  default <J, X> WorkflowBuilder<I, X> call(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Consumer<? super CallOptions<T, X>> with) {
    Objects.requireNonNull(child, "child");
    return call(name, child.output(), child, input, (data, result) -> result, with);
  }

  /** Starts another execution, and waits for it; its result goes into the data. */
  default <J, X> WorkflowBuilder<I, T> call(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends T> into) {
    return call(name, child, input, into, with -> {});
  }

  /** Starts another execution, and waits for it; its result goes into the data; with options. */
  <J, X> WorkflowBuilder<I, T> call(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends T> into,
      Consumer<? super CallOptions<T, T>> with);

  /** Starts another execution, waits for it, and makes another type of the data and its result. */
  default <J, X, O> WorkflowBuilder<I, O> call(
      String name,
      Class<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends O> into) {
    return call(name, TypeRef.of(type), child, input, into, with -> {});
  }

  /**
   * Starts another execution, waits for it, and makes another type of the data and its result; with
   * options.
   */
  default <J, X, O> WorkflowBuilder<I, O> call(
      String name,
      Class<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends O> into,
      Consumer<? super CallOptions<T, O>> with) {
    return call(name, TypeRef.of(type), child, input, into, with);
  }

  /** Starts another execution, waits for it, and makes another type of the data and its result. */
  default <J, X, O> WorkflowBuilder<I, O> call(
      String name,
      TypeRef<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends O> into) {
    return call(name, type, child, input, into, with -> {});
  }

  /**
   * Starts another execution, waits for it, and makes another type of the data and its result; with
   * options.
   */
  <J, X, O> WorkflowBuilder<I, O> call(
      String name,
      TypeRef<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends J> input,
      Into<? super T, ? super X, ? extends O> into,
      Consumer<? super CallOptions<T, O>> with);

  // ---- callEach ----

  /** Calls a workflow once for each input of a list; the data goes on as it is. */
  default <J, X> WorkflowBuilder<I, T> callEach(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs) {
    return callEach(name, child, inputs, (data, results) -> data, with -> {});
  }

  /** Calls a workflow once for each input of a list, with options; the data goes on as it is. */
  default <J, X> WorkflowBuilder<I, T> callEach(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Consumer<? super CallEachOptions<J, T>> with) {
    return callEach(name, child, inputs, (data, results) -> data, with);
  }

  /**
   * Calls a workflow once for each input of a list: the workers that serve its queue share the
   * work. All are started; how many run at once is their queue's business. The list is committed
   * before the first of them. The results go into the data, in the order of the inputs.
   */
  default <J, X> WorkflowBuilder<I, T> callEach(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends T> into) {
    return callEach(name, child, inputs, into, with -> {});
  }

  /**
   * Calls a workflow once for each input of a list: the workers that serve its queue share the
   * work. All are started; how many run at once is their queue's business. The list is committed
   * before the first of them. The results go into the data, in the order of the inputs; with
   * options.
   */
  <J, X> WorkflowBuilder<I, T> callEach(
      String name,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends T> into,
      Consumer<? super CallEachOptions<J, T>> with);

  /**
   * Calls a workflow once for each input of a list: the workers that serve its queue share the
   * work. All are started; how many run at once is their queue's business. The list is committed
   * before the first of them. Makes another type of the data and the results.
   */
  default <J, X, O> WorkflowBuilder<I, O> callEach(
      String name,
      Class<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends O> into) {
    return callEach(name, TypeRef.of(type), child, inputs, into, with -> {});
  }

  /**
   * Calls a workflow once for each input of a list: the workers that serve its queue share the
   * work. All are started; how many run at once is their queue's business. The list is committed
   * before the first of them. Makes another type of the data and the results; with options.
   */
  default <J, X, O> WorkflowBuilder<I, O> callEach(
      String name,
      Class<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends O> into,
      Consumer<? super CallEachOptions<J, O>> with) {
    return callEach(name, TypeRef.of(type), child, inputs, into, with);
  }

  /**
   * Calls a workflow once for each input of a list: the workers that serve its queue share the
   * work. All are started; how many run at once is their queue's business. The list is committed
   * before the first of them. Makes another type of the data and the results.
   */
  default <J, X, O> WorkflowBuilder<I, O> callEach(
      String name,
      TypeRef<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends O> into) {
    return callEach(name, type, child, inputs, into, with -> {});
  }

  /**
   * Calls a workflow once for each input of a list: the workers that serve its queue share the
   * work. All are started; how many run at once is their queue's business. The list is committed
   * before the first of them. Makes another type of the data and the results; with options.
   */
  <J, X, O> WorkflowBuilder<I, O> callEach(
      String name,
      TypeRef<O> type,
      Workflow<J, X> child,
      StepFunction<? super T, ? extends List<? extends J>> inputs,
      Into<? super T, ItemResults<X>, ? extends O> into,
      Consumer<? super CallEachOptions<J, O>> with);

  // ---- start ----

  /** Starts another execution, and goes on. */
  default <J> WorkflowBuilder<I, T> start(
      String name, Workflow<J, ?> child, StepFunction<? super T, ? extends J> input) {
    return start(name, child, input, with -> {});
  }

  /** Starts another execution, and goes on; with options. */
  <J> WorkflowBuilder<I, T> start(
      String name,
      Workflow<J, ?> child,
      StepFunction<? super T, ? extends J> input,
      Consumer<? super ChildStartOptions<T>> with);
}
