/** A report that a schedule starts. */
@NullMarked
package dev.durable.examples.report;

import org.jspecify.annotations.NullMarked;
