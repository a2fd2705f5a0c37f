/** Durable's tables as a migration of Flyway. */
@NullMarked
package dev.durable.flyway;

import org.jspecify.annotations.NullMarked;
