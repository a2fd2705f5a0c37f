/** The {@code durable} command. */
@NullMarked
package dev.durable.cli;

import org.jspecify.annotations.NullMarked;
