package dev.durable.workflow;

/**
 * What forEach and callEach can be given.
 *
 * @param <O> what the node hands on
 * @param <S> the form itself
 */
public abstract sealed class LoopOptions<O, S extends LoopOptions<O, S>>
    extends CompensableOptions<O, S> permits ForEachOptions, CallEachOptions {

  static final int WITHOUT_LIMIT = Integer.MAX_VALUE;
  private static final int DEFAULT_BODIES = 10;

  private int concurrency = WITHOUT_LIMIT;
  private JoinPolicy policy = new JoinPolicy.FailFast();

  LoopOptions() {}

  /**
   * How many items may be begun and not ended, those included that wait for an event, a person, a
   * child or their next attempt; 1 runs them one after the other. By default all may, and the
   * bodies of 10 items run at once.
   *
   * <p>Of one execution at most 100 bodies run at once, whatever is said here.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public final S concurrency(int items) {
    requireOpen();
    this.concurrency = requireConcurrency(items);
    return self();
  }

  static int requireConcurrency(int items) {
    if (items < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1: " + items);
    }
    return items;
  }

  /** The first item that fails cancels the others and fails the whole. The default. */
  public final S failFast() {
    return joined(new JoinPolicy.FailFast());
  }

  /** All items run to their end; the results say which of them failed. */
  public final S completeAll() {
    return joined(new JoinPolicy.CompleteAll());
  }

  private S joined(JoinPolicy by) {
    requireOpen();
    this.policy = by;
    return self();
  }

  final LoopSettings loop() {
    return settings(concurrency, policy);
  }

  static LoopSettings settings(int concurrency, JoinPolicy policy) {
    return new LoopSettings(
        concurrency, concurrency == WITHOUT_LIMIT ? DEFAULT_BODIES : concurrency, policy);
  }
}
