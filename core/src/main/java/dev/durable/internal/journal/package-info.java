/**
 * Group commit of entries, and the transactions of transactional steps.
 *
 * <p>Begin with {@link dev.durable.internal.journal.Journal}, which commits many entries at once,
 * and with {@link dev.durable.internal.journal.TransactionRunner}, which commits a body's SQL and
 * its checkpoint together.
 */
@NullMarked
package dev.durable.internal.journal;

import org.jspecify.annotations.NullMarked;
