/** Goals for Maven: thin, as the {@code durable} command does the work. */
@NullMarked
package dev.durable.maven;

import org.jspecify.annotations.NullMarked;
