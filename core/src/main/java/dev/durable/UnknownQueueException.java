package dev.durable;

import java.util.Collection;

/** A start named a queue that no worker has ever worked on. */
public class UnknownQueueException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param queue the name asked for
   * @param known the queues that are or were worked on
   */
  public UnknownQueueException(String queue, Collection<String> known) {
    super(
        "No worker has ever worked on queue '"
            + queue
            + "'. Known: "
            + (known.isEmpty() ? "none" : String.join(", ", known))
            + ". Check the name, or start a worker for it: .worker(w -> w.queue(\""
            + queue
            + "\", q -> {})) and startWorker(); build() makes a client only.");
  }
}
