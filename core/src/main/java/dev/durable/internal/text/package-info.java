/** Text on its way to PostgreSQL. */
@NullMarked
package dev.durable.internal.text;

import org.jspecify.annotations.NullMarked;
