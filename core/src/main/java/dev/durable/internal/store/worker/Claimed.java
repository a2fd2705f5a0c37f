package dev.durable.internal.store.worker;

import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An execution that now belongs to this worker.
 *
 * @param moved the execution with its new token, and the definition that moved it last
 * @param key the business key, or null
 * @param queue the queue
 * @param tick the tick of a schedule that it is for, or null
 * @param tags labels
 * @param input JSON
 * @param remaining the time until its deadline, or null
 * @param compensation JSON: why its compensation began and what has been undone; null if it goes
 *     forward
 * @param child whether it has a parent
 */
public record Claimed(
    LastDefinition moved,
    @Nullable String key,
    String queue,
    StartRow.@Nullable Tick tick,
    Map<String, String> tags,
    String input,
    @Nullable Duration remaining,
    @Nullable String compensation,
    boolean child) {

  /** A new execution, which belongs to the worker that started it. */
  public static Claimed of(StartRow row) {
    return new Claimed(
        new LastDefinition(
            new Ownership(row.id(), 1), row.workflow(), row.version(), row.fingerprint()),
        row.key(),
        row.queue(),
        row.tick(),
        row.tags(),
        row.input(),
        row.timeout(),
        null,
        false);
  }

  /** The execution and its new token. */
  public Ownership owner() {
    return moved.owner();
  }

  /** The workflow's name. */
  public String workflow() {
    return moved.workflow();
  }

  /** The definition's version. */
  public int version() {
    return moved.version();
  }

  /** The schedule that started it, or null. */
  public @Nullable String schedule() {
    return tick == null ? null : tick.schedule();
  }

  /** The tick of that schedule, or null. */
  public @Nullable Instant scheduledFor() {
    return tick == null ? null : tick.time();
  }

  /** The hash of the definition that moved it last, or null. */
  public @Nullable String fingerprint() {
    return moved.fingerprint();
  }

  /** The same, moved from now on by that definition. */
  public Claimed movedBy(String definition) {
    return new Claimed(
        new LastDefinition(owner(), workflow(), version(), definition),
        key,
        queue,
        tick,
        tags,
        input,
        remaining,
        compensation,
        child);
  }
}
