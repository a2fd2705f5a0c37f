/**
 * How a command reports to its caller: its exit code, an error message without a stack trace, and
 * styled lines on a terminal. All other packages of the command line may use it.
 */
@NullMarked
package dev.durable.cli.console;

import org.jspecify.annotations.NullMarked;
