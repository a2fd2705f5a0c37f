package dev.durable.internal.store;

import java.util.List;

/**
 * What whoever goes on with an execution knows of it.
 *
 * @param rows its history, in order
 * @param mailbox what was sent to it and has not been received, in order
 * @param readAt when it was asked for, by {@link System#nanoTime}
 */
public record ClaimedHistory(
    List<HistoryRow> rows, List<MailboxStore.Signal> mailbox, long readAt) {

  /** Nothing has happened yet. */
  public static final ClaimedHistory NONE = new ClaimedHistory(List.of(), List.of(), 0);

  /** Copies the lists. */
  public ClaimedHistory {
    rows = List.copyOf(rows);
    mailbox = List.copyOf(mailbox);
  }
}
