package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.Attempt;
import org.jspecify.annotations.Nullable;

/**
 * How the entry of a part of a fork ended.
 *
 * @param index the place of the part
 * @param part its attempt
 * @param thrown what it threw, or null
 */
record PartEnd(int index, Attempt part, Kind kind, @Nullable Throwable thrown) {

  enum Kind {
    /** It has returned, or failed for good: that is committed. */
    ENDED,
    /** It has failed, and another attempt of the step may help: that is not remembered. */
    BROKEN,
    /** It waits. */
    RESTS,
    /** Its execution is to be parked. */
    PARKS,
    /** It is no longer needed. */
    STOPPED
  }
}
