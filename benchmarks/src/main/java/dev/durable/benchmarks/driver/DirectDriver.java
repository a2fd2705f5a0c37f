package dev.durable.benchmarks.driver;

/** A driver that starts executions and waits for their ends, in one process. */
public interface DirectDriver extends Driver {

  /** Prepares a database, which may be empty, and begins to work. */
  Session open(Target target, Workload workload) throws Exception;
}
