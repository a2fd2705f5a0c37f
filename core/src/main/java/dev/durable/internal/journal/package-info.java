/**
 * Group commit: writes the entries of many executions in one transaction.
 *
 * <p>Start reading at {@link dev.durable.internal.journal.Journal}.
 */
@NullMarked
package dev.durable.internal.journal;

import org.jspecify.annotations.NullMarked;
