package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Collects the branches of a parallel. Each gets the same data; they run at once, each on a virtual
 * thread of its own, and see nothing of each other. Used while the definition is built, by one
 * thread.
 *
 * @param <I> the workflow's input
 * @param <T> what every branch gets
 */
public final class Parallel<I, T> {

  private final WorkflowBuilder<I, T> empty;
  private final List<Node> branches = new ArrayList<>();
  private JoinPolicy policy = new JoinPolicy.FailFast();

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

  /** A branch of one step. */
  public <R> BranchRef<R> branch(
      String name,
      TypeRef<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(body, "body");
    StepOptions<R> options = StepOptions.of(with);
    branches.add(new Node.Step(name, empty.output, type, options, body));
    return new BranchRef<>(name, type);
  }

  /** A branch of one step with default options. */
  public <R> BranchRef<R> branch(
      String name, TypeRef<R> type, StepBody<I, ? super T, ? extends R> body) {
    return branch(name, type, body, with -> {});
  }

  /** A branch of one step. */
  public <R> BranchRef<R> branch(
      String name,
      Class<R> type,
      StepBody<I, ? super T, ? extends R> body,
      Consumer<? super StepOptions<R>> with) {
    return branch(name, TypeRef.of(type), body, with);
  }

  /** A branch of one step with default options. */
  public <R> BranchRef<R> branch(
      String name, Class<R> type, StepBody<I, ? super T, ? extends R> body) {
    return branch(name, TypeRef.of(type), body, with -> {});
  }

  /** A branch that is a whole path. */
  public <R> BranchRef<R> branch(String name, TypeRef<R> type, PathDefinition<I, T, R> path) {
    branches.add(empty.path(name, type, path));
    return new BranchRef<>(name, type);
  }

  /** A branch that is a whole path. */
  public <R> BranchRef<R> branch(String name, Class<R> type, PathDefinition<I, T, R> path) {
    return branch(name, TypeRef.of(type), path);
  }

  /** The first failure cancels the others and fails the whole. The default. */
  public Parallel<I, T> failFast() {
    policy = new JoinPolicy.FailFast();
    return this;
  }

  /** All branches run to their end; the join sees which of them failed. */
  public Parallel<I, T> completeAll() {
    policy = new JoinPolicy.CompleteAll();
    return this;
  }

  /** The first branch that completes is enough; the others are cancelled. */
  public Parallel<I, T> any() {
    return quorum(1);
  }

  /**
   * So many completed branches are enough; the others are cancelled.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public Parallel<I, T> quorum(int needed) {
    if (needed < 1) {
      throw new IllegalArgumentException("a quorum must be at least 1: " + needed);
    }
    policy = new JoinPolicy.Quorum(needed);
    return this;
  }

  /** Makes one value of the results. */
  public <R> Joined<T, R> join(Into<? super T, ParallelResults, ? extends R> function) {
    return new Joined<>(Objects.requireNonNull(function, "function"));
  }

  List<Node> branches() {
    return List.copyOf(branches);
  }

  JoinPolicy policy() {
    return policy;
  }
}
