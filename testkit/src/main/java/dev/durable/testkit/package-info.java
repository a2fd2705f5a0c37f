/** Workflows tested without a database, in memory and without waiting. */
@NullMarked
package dev.durable.testkit;

import org.jspecify.annotations.NullMarked;
