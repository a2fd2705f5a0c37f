package dev.durable.workflow;

/** How a forEach is run. Immutable: each method returns a changed copy. */
public final class ForEachOptions {

  static final ForEachOptions DEFAULTS = new ForEachOptions(10, new JoinPolicy.FailFast());

  private final int concurrency;
  private final JoinPolicy policy;

  private ForEachOptions(int concurrency, JoinPolicy policy) {
    this.concurrency = concurrency;
    this.policy = policy;
  }

  /**
   * How many items run at once. Default 10; 1 runs them one after the other.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public ForEachOptions concurrency(int items) {
    if (items < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1: " + items);
    }
    return new ForEachOptions(items, policy);
  }

  /** The first item that fails cancels the others and fails the whole. The default. */
  public ForEachOptions failFast() {
    return new ForEachOptions(concurrency, new JoinPolicy.FailFast());
  }

  /** All items run to their end; the join sees which of them failed. */
  public ForEachOptions completeAll() {
    return new ForEachOptions(concurrency, new JoinPolicy.CompleteAll());
  }

  /** How many items run at once. */
  public int concurrency() {
    return concurrency;
  }

  /** When the whole is done. */
  public JoinPolicy policy() {
    return policy;
  }
}
