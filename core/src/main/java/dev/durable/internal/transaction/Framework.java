package dev.durable.internal.transaction;

import dev.durable.TransactionBinding;
import dev.durable.internal.store.jdbc.HomeDatabase;

/**
 * The application's framework of transactions.
 *
 * @param home the database to which its connections must lead
 */
public record Framework(TransactionBinding binding, HomeDatabase home) {}
