package dev.durable.benchmarks.driver;

/** A driver at work in one database. Thread-safe. */
public interface Session extends AutoCloseable {

  /** Nobody wants to know when steps begin. */
  Runnable NO_LISTENER = () -> {};

  /**
   * Runs one execution: its start, its steps, its end; each waits for the commit of the one before.
   *
   * @param number goes into the payloads, so that no two executions have the same
   * @param onStep called whenever a step begins
   */
  void execute(int number, Runnable onStep) throws Exception;

  /** Ends everything, connections included. */
  @Override
  void close() throws Exception;
}
