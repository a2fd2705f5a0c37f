package dev.durable.benchmarks.driver;

/** A driver that starts an execution and hears when it has ended, in one process. */
public interface DirectDriver extends Driver {

  /** Gets ready in a database that may be empty. */
  Session open(Target target, Workload workload) throws Exception;
}
