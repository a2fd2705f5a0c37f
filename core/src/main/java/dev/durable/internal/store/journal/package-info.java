/**
 * Writes what owners and starts make durable, many at once. Start reading at {@code JournalStore}.
 */
@NullMarked
package dev.durable.internal.store.journal;

import org.jspecify.annotations.NullMarked;
