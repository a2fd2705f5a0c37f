/** Durable's tables as a change of Liquibase. */
@NullMarked
package dev.durable.liquibase;

import org.jspecify.annotations.NullMarked;
