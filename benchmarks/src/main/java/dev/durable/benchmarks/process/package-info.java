/**
 * Workers in JVMs of their own, for the scenarios with several workers or with one that is killed.
 *
 * <p>Begin with {@link dev.durable.benchmarks.process.WorkerProcess}, which starts and commands a
 * {@link dev.durable.benchmarks.process.QueueWorker}.
 */
@NullMarked
package dev.durable.benchmarks.process;

import org.jspecify.annotations.NullMarked;
