package dev.durable.queue;

/** How this worker works on one queue. Used while building; not thread-safe. */
public final class QueueOptions {

  /** The default number of executions that one worker runs at a time in one queue: 1,000. */
  public static final int DEFAULT_CONCURRENCY = 1_000;

  private int concurrency = DEFAULT_CONCURRENCY;

  /** The defaults. */
  public QueueOptions() {}

  /**
   * How many executions of this queue this worker runs at a time. Default {@value
   * #DEFAULT_CONCURRENCY}: each is a virtual thread, so the limit protects what the steps call, not
   * the JVM.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public QueueOptions concurrency(int executions) {
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
