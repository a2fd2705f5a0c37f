package dev.durable.benchmarks.driver;

/** A driver whose executions are enqueued by one process and run by others. */
public interface QueueDriver extends Driver {

  /** Begins to work on the queue, until it is closed. */
  AutoCloseable work(Target target, Workload workload, StepListener listener) throws Exception;

  /** Fills the queue. A worker has made the tables before. */
  Producer producer(Target target, Workload workload) throws Exception;

  /** A query that returns the number of executions that have not ended. */
  String unfinished();

  /** A query that returns whether there are any; cheap, since it runs during the measurement. */
  String busy();

  /** Is called at the begin of every step. */
  @FunctionalInterface
  interface StepListener {

    /**
     * A step begins.
     *
     * @param order the number of its execution
     * @param step the number of steps before it
     */
    void begins(int order, int step);
  }

  /** Enqueues executions. Thread-safe. */
  interface Producer extends AutoCloseable {

    /** Returns when the execution with that number is committed. */
    void enqueue(int number) throws Exception;

    @Override
    void close() throws Exception;
  }
}
