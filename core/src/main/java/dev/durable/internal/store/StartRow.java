package dev.durable.internal.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution about to be stored.
 *
 * @param id made by the client
 * @param workflow the workflow's name
 * @param version the definition's version
 * @param fingerprint the definition's hash, if it is known here
 * @param key the business key, or null
 * @param queue the queue
 * @param priority higher first
 * @param input JSON
 * @param tags labels
 * @param delay how long after now it is due, or null
 * @param at when it is due, or null
 * @param timeout the workflow timeout, or null
 * @param worker the worker that will run it at once, or null: then it is pending
 */
public record StartRow(
    UUID id,
    String workflow,
    int version,
    @Nullable String fingerprint,
    @Nullable String key,
    String queue,
    int priority,
    String input,
    Map<String, String> tags,
    @Nullable Duration delay,
    @Nullable Instant at,
    @Nullable Duration timeout,
    @Nullable UUID worker) {

  /** The same, owned by a worker from the first moment. */
  public StartRow ownedBy(@Nullable UUID owner) {
    return new StartRow(
        id,
        workflow,
        version,
        fingerprint,
        key,
        queue,
        priority,
        input,
        tags,
        delay,
        at,
        timeout,
        owner);
  }
}
