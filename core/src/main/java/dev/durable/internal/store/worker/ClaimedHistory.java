package dev.durable.internal.store.worker;

import dev.durable.internal.store.client.MailboxStore;
import java.util.List;

/**
 * The history and unread signals that a worker loads when it claims an execution.
 *
 * @param rows its history, in order
 * @param mailbox its unread signals, in order
 * @param readAt when the query was sent, by {@link System#nanoTime}
 */
public record ClaimedHistory(
    List<HistoryRow> rows, List<MailboxStore.Signal> mailbox, long readAt) {

  /** An execution without history and signals. */
  public static final ClaimedHistory NONE = new ClaimedHistory(List.of(), List.of(), 0);

  /** Copies the lists. */
  public ClaimedHistory {
    rows = List.copyOf(rows);
    mailbox = List.copyOf(mailbox);
  }
}
