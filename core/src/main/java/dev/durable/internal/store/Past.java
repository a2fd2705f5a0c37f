package dev.durable.internal.store;

import java.util.List;

/**
 * What whoever goes on with an execution knows of it.
 *
 * @param rows its history, in order
 * @param mailbox what was sent to it and has not been received, in order
 */
public record Past(List<Recorded> rows, List<EventStore.Signal> mailbox) {

  /** Nothing has happened yet. */
  public static final Past NONE = new Past(List.of(), List.of());

  /** Copies the lists. */
  public Past {
    rows = List.copyOf(rows);
    mailbox = List.copyOf(mailbox);
  }
}
