/**
 * Guards the connection of a transactional step, and commits its SQL with its checkpoint. Start
 * reading at {@code TransactionRunner}.
 */
@NullMarked
package dev.durable.internal.transaction;

import org.jspecify.annotations.NullMarked;
