package dev.durable.benchmarks;

/** A driver that starts an execution and hears when it has ended, in one process. */
interface DirectDriver extends Driver {

  /** Gets ready in a database that may be empty. */
  Session open(Target target, Workload workload) throws Exception;
}
