package dev.durable.workflow;

import dev.durable.internal.form.Form;
import java.util.function.Consumer;

/**
 * When a parallel in a body is done. A form: it can be changed until the lambda that receives it
 * has returned. Not thread-safe.
 */
public final class ForkOptions {

  private final Form form = new Form();
  private JoinPolicy policy = new JoinPolicy.FailFast();

  private ForkOptions() {}

  /** The options that the lambda fills in. */
  public static ForkOptions of(Consumer<? super ForkOptions> with) {
    ForkOptions options = new ForkOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * The first failure cancels the others and fails the whole. The default.
   *
   * <p>A failure that another attempt of the step may mend is not remembered: the step's retry
   * policy decides, and that branch runs again in the next attempt.
   */
  public ForkOptions failFast() {
    return joined(new JoinPolicy.FailFast());
  }

  /** All branches run to their end; their outcomes say which of them failed. */
  public ForkOptions completeAll() {
    return joined(new JoinPolicy.CompleteAll());
  }

  /** The first branch that completes is enough; the others are cancelled. */
  public ForkOptions any() {
    return quorum(1);
  }

  /**
   * So many completed branches are enough; the others are cancelled.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public ForkOptions quorum(int needed) {
    return joined(JoinPolicy.Quorum.of(needed));
  }

  private ForkOptions joined(JoinPolicy by) {
    form.requireOpen();
    this.policy = by;
    return this;
  }

  /** When the whole is done. */
  public JoinPolicy policy() {
    return policy;
  }
}
