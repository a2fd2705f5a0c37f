package dev.durable.internal.store.worker;

import java.time.Duration;

/**
 * The answer of a claim for one limited queue.
 *
 * @param claim what was claimed
 * @param limited whether the queue still is
 * @param busy whether nothing was claimed because another transaction holds the queue
 * @param keptBack whether something may be due that a limit keeps back
 * @param unenforced whether nothing was claimed because its limits are not enforced yet
 * @param unmarked whether executions without a key are to be given an empty one
 * @param counted whether a limit counts what runs, so that each end may make room
 */
record LimitedLook(
    String queue,
    Claim claim,
    boolean limited,
    boolean busy,
    boolean keptBack,
    boolean unenforced,
    boolean unmarked,
    boolean counted) {

  /** The same, so long after the time that the claim has read. */
  LimitedLook after(Duration time) {
    return new LimitedLook(
        queue, claim.after(time), limited, busy, keptBack, unenforced, unmarked, counted);
  }

  /** Nothing: another transaction holds the queue, or it is no longer limited. */
  static LimitedLook none(String queue, boolean limited) {
    return new LimitedLook(queue, Claim.NOTHING, limited, limited, false, false, false, true);
  }
}
