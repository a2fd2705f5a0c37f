package dev.durable.internal.store.schedule;

import dev.durable.schedule.Timing;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The next tick of a schedule whose timing changes. A tick that has come but has not begun, since
 * no worker was up, it waits for its jitter, or the schedule is paused, stays the next one if the
 * new timing has it too; from it on, the new timing counts. A result of a calculation.
 *
 * @param tick the next tick, or null if there is none
 * @param missed how many ticks have come that the new timing does not have
 */
record NextTick(@Nullable Instant tick, long missed) {

  /** So many ticks are looked at; from there on, the new timing counts. */
  static final int MOST_LOOKED_AT = 50_000;

  /**
   * Finds it.
   *
   * @param first the first tick that has not been served, or null
   * @param before when the schedule has ticked; null if only the first tick is known
   * @param after when it will tick
   */
  static NextTick of(@Nullable Instant first, @Nullable Timing before, Timing after, Instant now) {
    Instant kept = null;
    Instant come = first;
    long missed = 0;
    for (int looked = 0; come != null && !come.isAfter(now); looked++) {
      if (looked == MOST_LOOKED_AT) {
        return new NextTick(kept == null ? from(come, after) : kept, missed);
      }
      if (!come.equals(from(come, after))) {
        missed++;
      } else if (kept == null) {
        kept = come;
      }
      come = before == null ? null : before.after(come);
    }
    return new NextTick(kept == null ? after.after(now) : kept, missed);
  }

  private static @Nullable Instant from(Instant time, Timing timing) {
    return timing.after(time.minusNanos(1));
  }
}
