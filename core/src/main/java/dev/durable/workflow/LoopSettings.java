package dev.durable.workflow;

/**
 * How the items of a forEach are run. Immutable.
 *
 * @param concurrency how many items may be begun and not ended; {@link Integer#MAX_VALUE} without a
 *     limit
 * @param bodies how many items have a body that runs, or are on their way to one, at once
 * @param policy when the whole is done
 */
public record LoopSettings(int concurrency, int bodies, JoinPolicy policy) {}
