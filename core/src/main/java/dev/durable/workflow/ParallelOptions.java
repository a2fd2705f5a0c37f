package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * When a parallel is done, and how it is undone. A form: it can be changed until the lambda that
 * receives it has returned. Not thread-safe.
 *
 * @param <O> what the node hands on
 */
public final class ParallelOptions<O> extends CompensableOptions<O, ParallelOptions<O>> {

  private JoinPolicy policy = new JoinPolicy.FailFast();

  private ParallelOptions() {}

  static <O> ParallelOptions<O> of(Consumer<? super ParallelOptions<O>> with) {
    return new ParallelOptions<O>().filledBy(with);
  }

  /** The first failure cancels the others and fails the whole. The default. */
  public ParallelOptions<O> failFast() {
    return joined(new JoinPolicy.FailFast());
  }

  /** All branches run to their end; the join sees which of them failed. */
  public ParallelOptions<O> completeAll() {
    return joined(new JoinPolicy.CompleteAll());
  }

  /** The first branch that completes is enough; the others are cancelled. */
  public ParallelOptions<O> any() {
    return quorum(1);
  }

  /**
   * So many completed branches are enough; the others are cancelled.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public ParallelOptions<O> quorum(int needed) {
    return joined(JoinPolicy.Quorum.of(needed));
  }

  private ParallelOptions<O> joined(JoinPolicy by) {
    requireOpen();
    this.policy = by;
    return this;
  }

  JoinPolicy policy() {
    return policy;
  }
}
