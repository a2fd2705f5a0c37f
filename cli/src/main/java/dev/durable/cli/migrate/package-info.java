/**
 * What the command line and the Maven plugin do with Durable's tables: report, write an upgrade,
 * migrate, roll back. Knows neither of them.
 */
@NullMarked
package dev.durable.cli.migrate;

import org.jspecify.annotations.NullMarked;
