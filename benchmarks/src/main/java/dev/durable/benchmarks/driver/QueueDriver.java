package dev.durable.benchmarks.driver;

/** A driver whose work is enqueued by one process and done by others. */
public interface QueueDriver extends Driver {

  /** Begins to work on whatever is in the queue, until it is closed. */
  AutoCloseable work(Target target, Workload workload, StepListener listener) throws Exception;

  /** Fills the queue. A worker has been there before, so the tables exist. */
  Producer producer(Target target, Workload workload) throws Exception;

  /** A query that returns the number of executions that have not ended. */
  String unfinished();

  /**
   * A query that returns whether there are any; cheap, since it is asked while they are measured.
   */
  String busy();

  /** Hears of every step that begins. */
  @FunctionalInterface
  interface StepListener {

    /**
     * A step begins.
     *
     * @param order the number of its execution
     * @param step how many steps come before it
     */
    void begins(int order, int step);
  }

  /** Enqueues executions. Thread-safe. */
  interface Producer extends AutoCloseable {

    /** Returns when the execution of that number is committed. */
    void enqueue(int number) throws Exception;

    @Override
    void close() throws Exception;
  }
}
