package dev.durable.workflow;

import dev.durable.internal.form.Form;
import java.util.function.Consumer;

/**
 * How a forEach is run. A form: it can be changed until the lambda that receives it has returned.
 * Not thread-safe.
 */
public final class ForEachOptions {

  private static final int WITHOUT_LIMIT = Integer.MAX_VALUE;
  private static final int DEFAULT_BODIES = 10;

  private final Form form = new Form();
  private int concurrency = WITHOUT_LIMIT;
  private JoinPolicy policy = new JoinPolicy.FailFast();

  private ForEachOptions() {}

  static ForEachOptions of(Consumer<? super ForEachOptions> with) {
    ForEachOptions options = new ForEachOptions();
    return options.form.filledIn(options, with);
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
    form.requireOpen();
    if (items < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1: " + items);
    }
    this.concurrency = items;
    return this;
  }

  /** The first item that fails cancels the others and fails the whole. The default. */
  public ForEachOptions failFast() {
    return joined(new JoinPolicy.FailFast());
  }

  /** All items run to their end; the join sees which of them failed. */
  public ForEachOptions completeAll() {
    return joined(new JoinPolicy.CompleteAll());
  }

  private ForEachOptions joined(JoinPolicy by) {
    form.requireOpen();
    this.policy = by;
    return this;
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
