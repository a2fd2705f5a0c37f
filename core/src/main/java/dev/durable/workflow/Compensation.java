package dev.durable.workflow;

import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a node, or what a body has done, is undone. Immutable.
 *
 * @param <R> what is undone
 * @param name its name, for people
 * @param body its work
 * @param retry whether and when a failed attempt is repeated
 * @param timeout the longest time that one attempt may take, or null
 */
public record Compensation<R>(
    String name, CompensationBody<? super R> body, RetryPolicy retry, @Nullable Duration timeout) {}
