package dev.durable.wait;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event that its execution has not received.
 *
 * @param executionId to which it was sent
 * @param name the event's name
 * @param payload JSON, as the codec wrote it
 * @param idempotencyKey the key it was sent with, or null
 * @param sentAt when it was sent
 */
public record UnreadEvent(
    UUID executionId,
    String name,
    @Nullable String payload,
    @Nullable String idempotencyKey,
    Instant sentAt) {}
