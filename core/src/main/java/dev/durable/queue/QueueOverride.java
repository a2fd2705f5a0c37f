package dev.durable.queue;

import java.time.Instant;
import java.util.Set;

/**
 * What an operator has set instead of the limits that the code declares: {@link Queues#limits}.
 *
 * @param names the limits that it sets or lifts, by the names of their methods in {@link
 *     LimitOptions}
 * @param at when it was set, by the database's clock
 * @param by who set it, or an empty text
 */
public record QueueOverride(Set<String> names, Instant at, String by) {

  /** Copies the names. */
  public QueueOverride {
    names = Set.copyOf(names);
  }
}
