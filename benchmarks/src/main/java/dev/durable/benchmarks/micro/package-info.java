/** Processor time without a database: JMH benchmarks. */
@NullMarked
package dev.durable.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
