package dev.durable.internal.store.journal;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution about to be stored.
 *
 * @param id made by the client
 * @param definition the definition that it starts with
 * @param key the business key, or null
 * @param restarts whether it takes the key of an execution that has ended
 * @param turn its queue, and its place there
 * @param input JSON
 * @param tags labels
 * @param limit when it must have ended
 * @param worker the worker that will run it at once; or null, then it is pending
 */
public record StartRow(
    UUID id,
    Definition definition,
    @Nullable String key,
    boolean restarts,
    Turn turn,
    String input,
    Map<String, String> tags,
    Limit limit,
    @Nullable UUID worker) {

  /**
   * The definition that an execution starts with.
   *
   * @param workflow the workflow's name
   * @param version the definition's version
   * @param fingerprint the definition's hash, if it is known here
   */
  public record Definition(String workflow, int version, @Nullable String fingerprint) {}

  /**
   * A place in a queue.
   *
   * @param queue the queue
   * @param priority higher first
   * @param delay how long after now it is due, or null
   * @param at when it is due, or null
   * @param limitKey the key that limits of the queue count by, or null
   */
  public record Turn(
      String queue,
      int priority,
      @Nullable Duration delay,
      @Nullable Instant at,
      @Nullable String limitKey) {
    /** Due at once. */
    public static Turn now(String queue, int priority) {
      return new Turn(queue, priority, null, null, null);
    }
  }

  /**
   * When an execution must have ended. At most one of the two is set.
   *
   * @param timeout how long after its start, or null
   * @param deadline the point in time, or null
   */
  public record Limit(@Nullable Duration timeout, @Nullable Instant deadline) {

    public static final Limit NONE = new Limit(null, null);

    /** A time after the start, if any. */
    public static Limit after(@Nullable Duration timeout) {
      return timeout == null ? NONE : new Limit(timeout, null);
    }
  }

  /** The same, owned by a worker from the first moment. */
  public StartRow ownedBy(@Nullable UUID owner) {
    return new StartRow(id, definition, key, restarts, turn, input, tags, limit, owner);
  }

  /** The workflow's name. */
  public String workflow() {
    return definition.workflow;
  }

  /** The definition's version. */
  public int version() {
    return definition.version;
  }

  /** The definition's hash, if it is known here. */
  public @Nullable String fingerprint() {
    return definition.fingerprint;
  }

  /** The queue. */
  public String queue() {
    return turn.queue;
  }

  /** How long after now it is due, or null. */
  public @Nullable Duration delay() {
    return turn.delay;
  }

  /** When it is due, or null. */
  public @Nullable Instant at() {
    return turn.at;
  }

  /** How long after its start it must have ended, or null. */
  public @Nullable Duration timeout() {
    return limit.timeout;
  }

  /** When it must have ended, or null. */
  public @Nullable Instant deadline() {
    return limit.deadline;
  }
}
