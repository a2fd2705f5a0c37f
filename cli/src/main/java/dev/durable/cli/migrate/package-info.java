/**
 * The tasks on Durable's tables that the command line and the Maven plugin share: report, write an
 * upgrade, migrate, roll back. They know neither of the two.
 *
 * <p>Begin with {@link dev.durable.cli.migrate.Migrate}.
 */
@NullMarked
package dev.durable.cli.migrate;

import org.jspecify.annotations.NullMarked;
