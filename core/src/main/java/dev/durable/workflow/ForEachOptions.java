package dev.durable.workflow;

/** How a forEach is run. Immutable: each method returns a changed copy. */
public final class ForEachOptions {

  private static final int WITHOUT_LIMIT = Integer.MAX_VALUE;
  private static final int DEFAULT_BODIES = 10;

  static final ForEachOptions DEFAULTS =
      new ForEachOptions(WITHOUT_LIMIT, new JoinPolicy.FailFast());

  private final int concurrency;
  private final JoinPolicy policy;

  private ForEachOptions(int concurrency, JoinPolicy policy) {
    this.concurrency = concurrency;
    this.policy = policy;
  }

  /**
   * How many items may be begun and not ended, those included that wait for an event, a person, a
   * child or their next attempt; 1 runs them one after the other. By default all may, and the
   * bodies of 10 items run at once.
   *
   * <p>Of one execution at most 100 bodies run at once, whatever is said here.
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

  /** How many items may be begun and not ended; {@link Integer#MAX_VALUE} without a limit. */
  public int concurrency() {
    return concurrency;
  }

  /** How many items have a body that runs, or are on their way to one, at once. */
  public int bodies() {
    return concurrency == WITHOUT_LIMIT ? DEFAULT_BODIES : concurrency;
  }

  /** When the whole is done. */
  public JoinPolicy policy() {
    return policy;
  }
}
