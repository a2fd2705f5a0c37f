package dev.durable.benchmarks.driver;

/** A driver at work in one database. Thread-safe. */
public interface Session extends AutoCloseable {

  /** Ignores the begin of steps. */
  Runnable NO_LISTENER = () -> {};

  /**
   * Runs one execution: its start, its steps, its end, each after the commit of the one before.
   *
   * @param number goes into the payloads, so that they differ between executions
   * @param onStep called whenever a step begins
   */
  void execute(int number, Runnable onStep) throws Exception;

  /** Ends everything, connections included. */
  @Override
  void close() throws Exception;
}
