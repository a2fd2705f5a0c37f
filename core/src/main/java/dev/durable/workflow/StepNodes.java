package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Nodes that work. {@code (name, body)} hands on the type that it gets, {@code (name, type, body)}
 * another one, and {@code (name, body, into)} puts the body's result into the data. A body takes
 * {@code (data)} or {@code (data, step)}; options come last.
 *
 * <p>A name is unique in its path, without {@code /}, {@code [}, {@code ]} or {@code ~}; renaming a
 * node is a change of the definition.
 *
 * @param <I> the workflow's input
 * @param <T> what the last node so far hands on
 */
public sealed interface StepNodes<I, T> permits WorkflowBuilder {

  // ---- step ----

  /** Adds a step that hands on the type that it gets, whose body needs no context. */
  default WorkflowBuilder<I, T> step(String name, StepFunction<? super T, ? extends T> body) {
    return step(name, Nodes.<I, T, T>withoutContext(body), with -> {});
  }

  /** Adds a step that hands on the type that it gets. */
  default WorkflowBuilder<I, T> step(String name, StepBody<I, ? super T, ? extends T> body) {
    return step(name, body, with -> {});
  }

  /** Adds a step that hands on a class, whose body needs no context. */
  default <R> WorkflowBuilder<I, R> step(
      String name, Class<R> type, StepFunction<? super T, ? extends R> body) {
    return step(name, TypeRef.of(type), Nodes.<I, T, R>withoutContext(body), with -> {});
  }

  /** Adds a step that hands on a class. */
  default <R> WorkflowBuilder<I, R> step(
      String name, Class<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(name, TypeRef.of(type), body, with -> {});
  }

  /** Adds a step whose result goes into the data, and whose body needs no context. */
  default <R> WorkflowBuilder<I, T> step(
      String name,
      StepFunction<? super T, ? extends R> body,
      Into<? super T, ? super R, ? extends T> into) {
    return step(name, Nodes.<I, T, R>joined(Nodes.<I, T, R>withoutContext(body), into), with -> {});
  }

  /** Adds a step whose result goes into the data. What goes on is stored, not the result. */
  default <R> WorkflowBuilder<I, T> step(
      String name,
      StepBody<I, ? super T, ? extends R> body,
      Into<? super T, ? super R, ? extends T> into) {
    return step(name, Nodes.<I, T, R>joined(body, into), with -> {});
  }

  /** Adds a step that hands on a generic type, whose body needs no context. */
  default <R> WorkflowBuilder<I, R> step(
      String name, TypeRef<R> type, StepFunction<? super T, ? extends R> body) {
    return step(name, type, Nodes.<I, T, R>withoutContext(body), with -> {});
  }

  /** Adds a step that hands on a generic type. */
  default <R> WorkflowBuilder<I, R> step(
      String name, TypeRef<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(name, type, body, with -> {});
  }

  /** Adds a step that hands on the type that it gets with options, whose body needs no context. */
  default WorkflowBuilder<I, T> step(
      String name,
      StepFunction<? super T, ? extends T> body,
      Consumer<? super StepOptions<T, T>> with) {
    return step(name, Nodes.<I, T, T>withoutContext(body), with);
  }

  /** Adds a step that hands on the type that it gets with options. */
  WorkflowBuilder<I, T> step(
      String name,
      StepBody<I, ? super T, ? extends T> body,
      Consumer<? super StepOptions<T, T>> with);

  /** Adds a step that hands on a class with options, whose body needs no context. */
  default <R> WorkflowBuilder<I, R> step(
      String name,
      Class<R> type,
      StepFunction<? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return step(name, TypeRef.of(type), Nodes.<I, T, R>withoutContext(body), with);
  }

  /** Adds a step that hands on a class with options. */
  default <R> WorkflowBuilder<I, R> step(
      String name,
      Class<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return step(name, TypeRef.of(type), body, with);
  }

  /** Adds a step whose result goes into the data with options, and whose body needs no context. */
  default <R> WorkflowBuilder<I, T> step(
      String name,
      StepFunction<? super T, ? extends R> body,
      Into<? super T, ? super R, ? extends T> into,
      Consumer<? super StepOptions<T, T>> with) {
    return step(name, Nodes.<I, T, R>joined(Nodes.<I, T, R>withoutContext(body), into), with);
  }

  /**
   * Adds a step whose result goes into the data with options. What goes on is stored, not the
   * result.
   */
  default <R> WorkflowBuilder<I, T> step(
      String name,
      StepBody<I, ? super T, ? extends R> body,
      Into<? super T, ? super R, ? extends T> into,
      Consumer<? super StepOptions<T, T>> with) {
    return step(name, Nodes.<I, T, R>joined(body, into), with);
  }

  /** Adds a step that hands on a generic type with options, whose body needs no context. */
  default <R> WorkflowBuilder<I, R> step(
      String name,
      TypeRef<R> type,
      StepFunction<? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return step(name, type, Nodes.<I, T, R>withoutContext(body), with);
  }

  /** Adds a step that hands on a generic type with options. */
  <R> WorkflowBuilder<I, R> step(
      String name,
      TypeRef<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with);

  // ---- run ----

  /** Adds work without a result, whose body needs no context; the data goes on as it is. */
  default WorkflowBuilder<I, T> run(String name, StepAction<? super T> body) {
    return run(name, Nodes.<I, T>withoutContext(body), with -> {});
  }

  /** Adds work without a result; the data goes on as it is. */
  default WorkflowBuilder<I, T> run(String name, StepActionBody<I, ? super T> body) {
    return run(name, body, with -> {});
  }

  /** Adds work without a result and with options, whose body needs no context. */
  default WorkflowBuilder<I, T> run(
      String name, StepAction<? super T> body, Consumer<? super StepOptions<T, T>> with) {
    return run(name, Nodes.<I, T>withoutContext(body), with);
  }

  /** Adds work without a result, with options. */
  default WorkflowBuilder<I, T> run(
      String name, StepActionBody<I, ? super T> body, Consumer<? super StepOptions<T, T>> with) {
    Objects.requireNonNull(body, "body");
    return step(
        name,
        (T data, StepContext<I> step) -> {
          body.run(data, step);
          return data;
        },
        with);
  }

  // ---- transaction ----

  /** Adds a step whose SQL commits together with its result, exactly once. */
  default WorkflowBuilder<I, T> transaction(
      String name, TransactionBody<I, ? super T, ? extends T> body) {
    return transaction(name, body, with -> {});
  }

  /** Adds a transaction that hands on a class. */
  default <R> WorkflowBuilder<I, R> transaction(
      String name, Class<R> type, TransactionBody<I, ? super T, ? extends R> body) {
    return transaction(name, TypeRef.of(type), body, with -> {});
  }

  /** Adds a transaction whose result goes into the data. */
  default <R> WorkflowBuilder<I, T> transaction(
      String name,
      TransactionBody<I, ? super T, ? extends R> body,
      Into<? super T, ? super R, ? extends T> into) {
    return transaction(name, Nodes.<I, T, R>joined(body, into), with -> {});
  }

  /** Adds a transaction that hands on a generic type. */
  default <R> WorkflowBuilder<I, R> transaction(
      String name, TypeRef<R> type, TransactionBody<I, ? super T, ? extends R> body) {
    return transaction(name, type, body, with -> {});
  }

  /** Adds a step whose SQL commits together with its result, exactly once, with options. */
  WorkflowBuilder<I, T> transaction(
      String name,
      TransactionBody<I, ? super T, ? extends T> body,
      Consumer<? super TransactionOptions<T, T>> with);

  /** Adds a transaction that hands on a class, with options. */
  default <R> WorkflowBuilder<I, R> transaction(
      String name,
      Class<R> type,
      TransactionBody<I, ? super T, ? extends R> body,
      Consumer<? super TransactionOptions<T, R>> with) {
    return transaction(name, TypeRef.of(type), body, with);
  }

  /** Adds a transaction whose result goes into the data, with options. */
  default <R> WorkflowBuilder<I, T> transaction(
      String name,
      TransactionBody<I, ? super T, ? extends R> body,
      Into<? super T, ? super R, ? extends T> into,
      Consumer<? super TransactionOptions<T, T>> with) {
    return transaction(name, Nodes.<I, T, R>joined(body, into), with);
  }

  /** Adds a transaction that hands on a generic type, with options. */
  <R> WorkflowBuilder<I, R> transaction(
      String name,
      TypeRef<R> type,
      TransactionBody<I, ? super T, ? extends R> body,
      Consumer<? super TransactionOptions<T, R>> with);

  /** Adds SQL without a result; the data goes on as it is. */
  default WorkflowBuilder<I, T> runInTransaction(
      String name, TransactionAction<I, ? super T> body) {
    return runInTransaction(name, body, with -> {});
  }

  /** Adds SQL without a result, with options. */
  default WorkflowBuilder<I, T> runInTransaction(
      String name,
      TransactionAction<I, ? super T> body,
      Consumer<? super TransactionOptions<T, T>> with) {
    Objects.requireNonNull(body, "body");
    return transaction(
        name,
        (T data, TransactionContext<I> tx) -> {
          body.run(data, tx);
          return data;
        },
        with);
  }
}
