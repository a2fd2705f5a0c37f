package dev.durable.benchmarks.measure;

import dev.durable.benchmarks.driver.DirectDriver;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.QueueDriver;
import dev.durable.benchmarks.driver.Session;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.driver.Workload;

/**
 * The equipment of a scenario, in its own JVM and a database of its own.
 *
 * @param driver the driver to measure
 * @param target the database
 * @param observer another database of the same server, to look at statistics without changing them
 * @param sizes how much is measured
 */
public record Lab(Driver driver, Target target, Target observer, Sizes sizes) {

  /** A session of the driver, for scenarios that take a {@link DirectDriver}. */
  public Session open(Workload workload) throws Exception {
    return ((DirectDriver) driver).open(target, workload);
  }

  /** The driver, for scenarios that take a {@link QueueDriver}. */
  public QueueDriver queue() {
    return (QueueDriver) driver;
  }
}
