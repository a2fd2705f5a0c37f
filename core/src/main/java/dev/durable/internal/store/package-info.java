/**
 * All runtime SQL. Never calls user code.
 *
 * <p>Start with {@link dev.durable.internal.store.Stores}, which makes the stores of a database:
 * for callers ({@code ExecutionStore}, {@code MailboxStore}, {@code QuestionStore} and others), for
 * a worker ({@code WorkerStore}, {@code ClaimStore}, {@code HistoryStore}, {@code TakeoverStore}),
 * and for owners that write what they have done ({@code JournalStore}, whose {@code Entry} is
 * written by the classes named {@code ...Statement}). Statements are text blocks with the variables
 * of {@link dev.durable.internal.store.jdbc.Schema}; {@code Pipeline} sends several in one round
 * trip, on a {@code SqlRunner}.
 */
@NullMarked
package dev.durable.internal.store;

import org.jspecify.annotations.NullMarked;
