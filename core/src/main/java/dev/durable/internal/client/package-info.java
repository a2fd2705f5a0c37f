/**
 * Starts executions, sends to them, answers their questions and waits for their results. Start
 * reading at {@code Starter}.
 */
@NullMarked
package dev.durable.internal.client;

import org.jspecify.annotations.NullMarked;
