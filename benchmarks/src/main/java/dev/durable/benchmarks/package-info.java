/**
 * {@code durable bench}: measures Durable beside the limit of the database and beside other
 * engines.
 *
 * <p>{@link dev.durable.benchmarks.Bench} gives every driver its turns in every scenario, each turn
 * in a new JVM ({@link dev.durable.benchmarks.Child}) and a new database. The packages depend on
 * each other in this order: {@code report} and {@code scenario} on {@code measure} and {@code
 * process}, these on {@code driver}.
 */
@NullMarked
package dev.durable.benchmarks;

import org.jspecify.annotations.NullMarked;
