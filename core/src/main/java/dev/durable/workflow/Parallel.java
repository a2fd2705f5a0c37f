package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Collects the branches of a parallel: a {@link #step} each, or a whole {@link #path}. Each gets
 * the same data; they run at once, each on a virtual thread of its own, and see nothing of each
 * other. Used while the definition is built, by one thread.
 *
 * @param <I> the workflow's input
 * @param <T> what every branch gets
 */
public final class Parallel<I, T> {

  private final WorkflowBuilder<I, T> empty;
  private final List<Node> branches = new ArrayList<>();

  Parallel(WorkflowBuilder<I, T> empty) {
    this.empty = empty;
  }

  /**
   * The join, which ends the block.
   *
   * @param <T> what the block gets
   * @param <R> what it returns
   */
  public record Joined<T, R>(Into<? super T, ParallelResults, ? extends R> function) {}

  // ---- a branch of one step ----

  /** A branch of one step that hands on a class, whose body needs no context. */
  public <R> BranchRef<R> step(
      String name, Class<R> type, StepFunction<? super T, ? extends R> body) {
    return step(name, TypeRef.of(type), Nodes.<I, T, R>withoutContext(body), with -> {});
  }

  /** A branch of one step that hands on a class. */
  public <R> BranchRef<R> step(
      String name, Class<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(name, TypeRef.of(type), body, with -> {});
  }

  /** A branch of one step that hands on a class, with options, whose body needs no context. */
  public <R> BranchRef<R> step(
      String name,
      Class<R> type,
      StepFunction<? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return step(name, TypeRef.of(type), Nodes.<I, T, R>withoutContext(body), with);
  }

  /** A branch of one step that hands on a class, with options. */
  public <R> BranchRef<R> step(
      String name,
      Class<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return step(name, TypeRef.of(type), body, with);
  }

  /** A branch of one step that hands on a generic type, whose body needs no context. */
  public <R> BranchRef<R> step(
      String name, TypeRef<R> type, StepFunction<? super T, ? extends R> body) {
    return step(name, type, Nodes.<I, T, R>withoutContext(body), with -> {});
  }

  /** A branch of one step that hands on a generic type. */
  public <R> BranchRef<R> step(
      String name, TypeRef<R> type, StepBody<I, ? super T, ? extends R> body) {
    return step(name, type, body, with -> {});
  }

  /** A branch of one step that hands on a generic type, with options; its body takes the data. */
  public <R> BranchRef<R> step(
      String name,
      TypeRef<R> type,
      StepFunction<? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    return step(name, type, Nodes.<I, T, R>withoutContext(body), with);
  }

  /** A branch of one step that hands on a generic type, with options. */
  public <R> BranchRef<R> step(
      String name,
      TypeRef<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<T, R>> with) {
    branches.add(empty.workingStep(name, type, body, with));
    return new BranchRef<>(name, type);
  }

  // ---- a branch of several nodes ----

  /** A branch that is a whole path and hands on a class. */
  public <R> BranchRef<R> path(String name, Class<R> type, PathDefinition<I, T, R> path) {
    return path(name, TypeRef.of(type), path);
  }

  /** A branch that is a whole path and hands on a generic type. */
  public <R> BranchRef<R> path(String name, TypeRef<R> type, PathDefinition<I, T, R> path) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    branches.add(empty.path(name, type, path));
    return new BranchRef<>(name, type);
  }

  /** Makes one value of the results. */
  public <R> Joined<T, R> join(Into<? super T, ParallelResults, ? extends R> function) {
    return new Joined<>(Objects.requireNonNull(function, "function"));
  }

  List<Node> branches() {
    return List.copyOf(branches);
  }
}
