package dev.durable.examples.shop;

import org.jspecify.annotations.Nullable;

/**
 * The form that sales fills in.
 *
 * @param accepted whether the order is accepted
 * @param note why, if there is something to say
 */
public record Review(boolean accepted, @Nullable String note) {}
