/**
 * The database that a command is about: the options that name it, its connections, and the exit
 * codes for what can go wrong with it.
 *
 * <p>Begin with {@link dev.durable.cli.database.DatabaseOptions} for the options and {@link
 * dev.durable.cli.database.Database} for the connections. The Maven plugin uses the latter, without
 * picocli on its class path.
 */
@NullMarked
package dev.durable.cli.database;

import org.jspecify.annotations.NullMarked;
