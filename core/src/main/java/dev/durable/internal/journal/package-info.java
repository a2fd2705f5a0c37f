/** Group commit of entries: many steps, one commit. */
@NullMarked
package dev.durable.internal.journal;

import org.jspecify.annotations.NullMarked;
