package dev.durable.benchmarks;

/**
 * What a scenario has at hand, in its own JVM and an empty database.
 *
 * @param driver what to measure
 * @param target the database
 * @param observer another database of the same server, to look at statistics without changing them
 * @param sizes how much to measure
 */
record Lab(Driver driver, Target target, Target observer, Sizes sizes) {}
