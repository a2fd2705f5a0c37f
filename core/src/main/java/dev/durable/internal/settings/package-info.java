/** What the builder decided. */
@NullMarked
package dev.durable.internal.settings;

import org.jspecify.annotations.NullMarked;
