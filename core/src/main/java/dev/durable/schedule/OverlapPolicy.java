package dev.durable.schedule;

/**
 * What becomes of a tick while an earlier execution of its schedule has not ended. One that is
 * parked has not ended.
 */
public enum OverlapPolicy {
  /** The tick starts nothing, and is counted. */
  SKIP,
  /** The tick starts an execution beside the others. */
  ALLOW,
  /** The tick waits for the end; further ones meanwhile start nothing, and are counted. */
  QUEUE_ONE,
  /**
   * The ticks wait for the end, and then start one after the other. At most {@value
   * Schedule#MOST_QUEUED} wait; further ones start nothing, and are counted.
   */
  QUEUE_ALL,
  /**
   * What has not ended is cancelled, and the tick starts an execution. A cancelled one whose
   * workflow undoes on a cancel does so beside the new one.
   */
  CANCEL_RUNNING
}
