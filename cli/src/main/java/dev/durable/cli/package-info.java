/**
 * The {@code durable} command. {@link dev.durable.cli.Main} starts it, {@link
 * dev.durable.cli.DurableCommand} lists its subcommands; each group of these has a package.
 */
@NullMarked
package dev.durable.cli;

import org.jspecify.annotations.NullMarked;
