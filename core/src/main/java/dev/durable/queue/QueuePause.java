package dev.durable.queue;

import java.time.Instant;

/**
 * Why a queue is paused.
 *
 * @param at since when, by the database's clock; the last pause counts
 * @param by who paused it, or an empty text
 * @param reason why
 */
public record QueuePause(Instant at, String by, String reason) {}
