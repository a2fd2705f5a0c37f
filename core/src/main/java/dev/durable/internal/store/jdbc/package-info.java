/**
 * Connections, transactions and pipelines, and the meaning of an SQLState. Start reading at {@code
 * Database}.
 */
@NullMarked
package dev.durable.internal.store.jdbc;

import org.jspecify.annotations.NullMarked;
