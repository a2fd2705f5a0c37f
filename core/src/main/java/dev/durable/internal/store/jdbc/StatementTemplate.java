package dev.durable.internal.store.jdbc;

import dev.durable.internal.store.Statements;

/**
 * A statement of the engine. All are listed in {@link Statements}, where tests find them.
 *
 * @param name its class and its name there
 * @param text its text, with the variables of {@link Schema}
 */
public record StatementTemplate(String name, String text) {}
