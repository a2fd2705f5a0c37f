/**
 * A real PostgreSQL server, started from this JVM, with a data folder that survives restarts.
 *
 * <p>{@link dev.durable.embedded.EmbeddedPostgres} is the way in. Meant for demos, tests,
 * benchmarks and development machines; in production, use a server that is looked after.
 */
@NullMarked
package dev.durable.embedded;

import org.jspecify.annotations.NullMarked;
