/**
 * {@code durable shell}: jshell with a running worker and the workflows of the examples.
 *
 * <p>Begin with {@link dev.durable.cli.shell.ShellCommand}. The variables of the shell come from
 * {@link dev.durable.cli.shell.Shell}, by way of {@code startup.jsh} in the resources.
 */
@NullMarked
package dev.durable.cli.shell;

import org.jspecify.annotations.NullMarked;
