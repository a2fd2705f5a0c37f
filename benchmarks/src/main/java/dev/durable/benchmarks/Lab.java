package dev.durable.benchmarks;

/**
 * What a scenario has at hand, in its own JVM and a database of its own.
 *
 * @param driver what to measure
 * @param target the database
 * @param observer another database of the same server, to look at statistics without changing them
 * @param sizes how much to measure
 */
record Lab(Driver driver, Target target, Target observer, Sizes sizes) {

  /** A session of the driver, for scenarios that take a {@link DirectDriver}. */
  Session open(Workload workload) throws Exception {
    return ((DirectDriver) driver).open(target, workload);
  }

  /** The driver, for scenarios that take a {@link QueueDriver}. */
  QueueDriver queue() {
    return (QueueDriver) driver;
  }
}
