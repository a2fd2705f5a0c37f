package dev.durable.internal.store.jdbc;

import java.util.Collection;

/**
 * Sends hints to workers: {@code q<queue>} work is due, {@code e<id>} a signal was sent to a
 * running execution, {@code c<id>:<token>} an owner has lost its execution, {@code s*} schedules
 * have changed. Hints are an optimisation: without them workers find the same out later.
 */
@FunctionalInterface
public interface HintSender {

  /** Sends no hints. */
  HintSender SILENT = hints -> {};

  /** Sends the hints of what has been committed. */
  void send(Collection<String> hints);
}
