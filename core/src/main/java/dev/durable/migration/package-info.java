/** The tables of Durable and how they come into a database. */
@NullMarked
package dev.durable.migration;

import org.jspecify.annotations.NullMarked;
