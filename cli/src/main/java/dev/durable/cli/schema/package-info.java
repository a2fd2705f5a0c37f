/** The commands on Durable's tables. */
@NullMarked
package dev.durable.cli.schema;

import org.jspecify.annotations.NullMarked;
