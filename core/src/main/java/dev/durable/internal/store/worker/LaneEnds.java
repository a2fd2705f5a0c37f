package dev.durable.internal.store.worker;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.durable.internal.store.worker.Lane.Place;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a worker's last claims ended, in the lanes of queues that had more than there was room for.
 * The next claim may go on there.
 */
final class LaneEnds {

  private volatile Map<Lane, Place> places = Map.of();

  /** The row of each lane that was taken last. */
  Map<Lane, Place> all() {
    return places;
  }

  /**
   * Notes where a claim has ended. A lane is read from its first row again once its queue had less
   * than there was room for.
   *
   * @param begins where it began
   * @return whether executions may be due before the row of a lane at which it began
   */
  boolean note(Map<Lane, Place> begins, ClaimReader.Look look, ClaimRoom room) {
    Map<String, Long> taken =
        look.claim().taken().stream().collect(groupingBy(Claim.Taken::queue, counting()));
    Map<Lane, Place> ends = new HashMap<>(begins);
    ends.putAll(look.last());
    ends.keySet()
        .removeIf(
            lane ->
                taken.getOrDefault(lane.queue(), 0L) < room.free().getOrDefault(lane.queue(), 0));
    places = ends;
    return !ends.keySet().containsAll(begins.keySet());
  }
}
