package dev.durable.internal.store.worker;

import java.util.Map;

/**
 * The room that a worker has for executions.
 *
 * @param free the number of free slots for each queue
 * @param suspicion how many lost workers in a row make a suspect
 * @param suspects whether there is room for a suspect
 * @param bytes how much the inputs may weigh together
 * @param alone whether an execution that weighs more may be claimed, because it will be alone
 */
public record ClaimRoom(
    Map<String, Integer> free, int suspicion, boolean suspects, long bytes, boolean alone) {

  /** No room at all. */
  static final ClaimRoom NONE = of(Map.of());

  /** ClaimRoom for so many, whatever they weigh. */
  public static ClaimRoom of(Map<String, Integer> free) {
    return new ClaimRoom(free, Integer.MAX_VALUE, true, Long.MAX_VALUE, true);
  }

  /**
   * The part of it for one of several queues that are claimed from together.
   *
   * @param parts how many they are
   * @param first whether this one gets what cannot be divided
   */
  ClaimRoom share(String queue, int parts, boolean first) {
    return new ClaimRoom(
        Map.of(queue, free.getOrDefault(queue, 0)),
        suspicion,
        suspects && first,
        bytes / parts,
        alone && first);
  }

  /**
   * Counts the rows of a lane that a claim reads.
   *
   * @param spare how many more than there is room for
   */
  int reach(String queue, int spare) {
    return (int) Math.min(Integer.MAX_VALUE, (long) free.getOrDefault(queue, 0) + spare);
  }
}
