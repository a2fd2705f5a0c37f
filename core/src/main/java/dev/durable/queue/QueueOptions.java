package dev.durable.queue;

import dev.durable.internal.form.Form;
import java.util.function.Consumer;

/**
 * How this worker works on one queue. A form: it can be changed until the lambda that receives it
 * has returned. Not thread-safe.
 */
public final class QueueOptions {

  /** The default number of executions that one worker runs at a time in one queue: 1,000. */
  public static final int DEFAULT_CONCURRENCY = 1_000;

  private final Form form = new Form();
  private int concurrency = DEFAULT_CONCURRENCY;

  /** The defaults. */
  private QueueOptions() {}

  /** The options that the lambda fills in. */
  public static QueueOptions of(Consumer<? super QueueOptions> with) {
    QueueOptions options = new QueueOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * How many executions of this queue this worker runs at a time. Default {@value
   * #DEFAULT_CONCURRENCY}: each is a virtual thread, so the limit protects what the steps call, not
   * the JVM.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public QueueOptions concurrency(int executions) {
    form.requireOpen();
    if (executions < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1: " + executions);
    }
    this.concurrency = executions;
    return this;
  }

  /** How many executions of this queue this worker runs at a time. */
  public int concurrency() {
    return concurrency;
  }
}
