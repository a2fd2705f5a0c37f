package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a node, or an effect inside a body, is undone. Immutable.
 *
 * @param <R> what is undone
 * @param name its name, for people
 * @param type of what it undoes; null if it is the node's own
 * @param body its work
 * @param retry whether and when a failed attempt is repeated
 * @param timeout the longest time that one attempt may take, or null
 */
public record Compensation<R>(
    String name,
    @Nullable TypeRef<R> type,
    CompensationBody<? super R> body,
    RetryPolicy retry,
    @Nullable Duration timeout) {}
