/**
 * Thin goals for Maven; {@code dev.durable.cli.migrate} does the work.
 *
 * <p>Begin with {@link dev.durable.maven.MigrateGoal}.
 */
@NullMarked
package dev.durable.maven;

import org.jspecify.annotations.NullMarked;
