/**
 * The results as a table, a JSON file, a Markdown page and charts.
 *
 * <p>Begin with {@link dev.durable.benchmarks.report.Result}, one line of all of them.
 */
@NullMarked
package dev.durable.benchmarks.report;

import org.jspecify.annotations.NullMarked;
