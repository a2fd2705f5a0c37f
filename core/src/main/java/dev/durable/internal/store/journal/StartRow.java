package dev.durable.internal.store.journal;

import dev.durable.Debounce;
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
 * @param use its business key, and what becomes of an execution that has it
 * @param turn its queue, and its place there
 * @param input JSON
 * @param tags labels
 * @param limit when it must have ended
 * @param tick the tick of a schedule that it is for, or null
 * @param worker the worker that will run it at once; or null, then it is pending
 */
public record StartRow(
    UUID id,
    Definition definition,
    KeyUse use,
    Turn turn,
    String input,
    Map<String, String> tags,
    Limit limit,
    @Nullable Tick tick,
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
   * A business key, and what becomes of an execution that has it.
   *
   * @param key the key, or null
   * @param restarts whether it takes the key of an execution that has ended
   * @param debounce how its input replaces that of an execution that has not begun, or null
   */
  public record KeyUse(@Nullable String key, boolean restarts, @Nullable Debounce debounce) {

    public static final KeyUse NONE = new KeyUse(null, false, null);
  }

  /**
   * A place in a queue.
   *
   * @param queue the queue
   * @param priority higher first
   * @param delay how long after now it is due, or null
   * @param at when it is due, or null
   * @param limitKey the key that limits of the queue count by, or null; a child then has that of
   *     its parent
   * @param inherited whether a child goes to the queue of its parent instead
   */
  public record Turn(
      String queue,
      int priority,
      @Nullable Duration delay,
      @Nullable Instant at,
      @Nullable String limitKey,
      boolean inherited) {
    /** Due at once. */
    public static Turn now(String queue, int priority) {
      return new Turn(queue, priority, null, null, null, false);
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

  /**
   * A tick.
   *
   * @param schedule the schedule's name
   * @param time when it ticks, or null if it was triggered
   */
  public record Tick(String schedule, @Nullable Instant time) {}

  /** The same, owned by a worker from the first moment. */
  public StartRow ownedBy(@Nullable UUID owner) {
    return new StartRow(id, definition, use, turn, input, tags, limit, tick, owner);
  }

  /** The same, for a tick. */
  public StartRow of(Tick schedules) {
    return new StartRow(id, definition, use, turn, input, tags, limit, schedules, worker);
  }

  /** The schedule that starts it, or null. */
  public @Nullable String schedule() {
    return tick == null ? null : tick.schedule;
  }

  /** The time of its tick, or null. */
  public @Nullable Instant scheduledFor() {
    return tick == null ? null : tick.time;
  }

  /** The same for a child that goes to the queue of its parent. */
  public StartRow inParentsQueue() {
    Turn inherited = new Turn(turn.queue, turn.priority, turn.delay, turn.at, turn.limitKey, true);
    return new StartRow(id, definition, use, inherited, input, tags, limit, tick, worker);
  }

  /** The business key, or null. */
  public @Nullable String key() {
    return use.key;
  }

  /** Whether it takes the key of an execution that has ended. */
  public boolean restarts() {
    return use.restarts;
  }

  /** Whether its input may replace that of an execution that has not begun, and be replaced. */
  public boolean isDebounced() {
    return use.debounce != null;
  }

  /** How long after the first of the starts that it follows it is due at the latest, or null. */
  public @Nullable Duration debouncedAtMost() {
    return use.debounce == null ? null : use.debounce.atMost();
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
