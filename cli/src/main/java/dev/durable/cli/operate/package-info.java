/**
 * The commands that look at executions and answer them: {@code pending}, {@code answer}, {@code
 * reassign}, {@code send-event}, {@code give-up}, {@code children} and {@code graph}.
 *
 * <p>Each command is one class and asks the engine's client through {@link
 * dev.durable.cli.operate.Client}. Begin with {@link dev.durable.cli.operate.ChildrenCommand}.
 */
@NullMarked
package dev.durable.cli.operate;

import org.jspecify.annotations.NullMarked;
