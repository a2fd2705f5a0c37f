/**
 * Reads and commands of callers: look-ups, lists, cancel, retry, mailbox, answers. Start reading at
 * {@code ExecutionStore}.
 */
@NullMarked
package dev.durable.internal.store.client;

import org.jspecify.annotations.NullMarked;
