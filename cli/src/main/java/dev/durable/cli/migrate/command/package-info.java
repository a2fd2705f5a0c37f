/**
 * The commands that work on Durable's tables: {@code migrations}, {@code gen-upgrade}, {@code
 * migrate} and {@code rollback}.
 *
 * <p>They read options and print; the work is done in {@link dev.durable.cli.migrate}. Begin with
 * {@link dev.durable.cli.migrate.command.MigrateCommand}.
 */
@NullMarked
package dev.durable.cli.migrate.command;

import org.jspecify.annotations.NullMarked;
