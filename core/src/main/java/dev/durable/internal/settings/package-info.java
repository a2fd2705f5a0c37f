/** The settings that the builder collects, in {@link dev.durable.internal.settings.Settings}. */
@NullMarked
package dev.durable.internal.settings;

import org.jspecify.annotations.NullMarked;
