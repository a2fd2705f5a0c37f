package dev.durable.internal.store;

/**
 * A statement of the engine. All are listed in {@link Statements}, where a test finds them.
 *
 * @param name the class that sends it, and what it is called there
 * @param text with what {@link Schema} puts in
 */
public record StatementTemplate(String name, String text) {}
