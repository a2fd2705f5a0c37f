package dev.durable.internal.store.worker;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** A queue and a definition for which a worker claims. */
record Lane(String queue, Edition edition) {

  /** The place of an execution in its lane. */
  record Place(int priority, Instant wakeAt, UUID id) {}

  /** The lanes of all these definitions in all these queues. */
  static List<Lane> all(Collection<String> queues, List<Edition> runs) {
    return queues.stream()
        .flatMap(q -> runs.stream().map(edition -> new Lane(q, edition)))
        .toList();
  }
}
