package dev.durable.benchmarks;

import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.Sizes;

/**
 * The work of a child, on its standard input.
 *
 * @param scenario the scenario's key
 * @param driver the driver's name
 * @param target the database
 * @param observer another database of the same server
 * @param sizes how much is measured
 */
record Task(String scenario, String driver, Target target, Target observer, Sizes sizes) {}
