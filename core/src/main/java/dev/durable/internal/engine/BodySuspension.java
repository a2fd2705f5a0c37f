package dev.durable.internal.engine;

import dev.durable.internal.store.WakeCondition;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The waits at which a body has been left.
 *
 * @param uncommitted changes to be committed with that
 * @param wake when the body continues
 * @param open the waits, by path
 * @param unanswered whether it was left only because the database did not answer: the body may have
 *     more waits than it came to
 */
record BodySuspension(
    Uncommitted uncommitted, WakeCondition wake, Map<String, OpenWait> open, boolean unanswered) {

  BodySuspension(Uncommitted uncommitted, WakeCondition wake, Map<String, OpenWait> open) {
    this(uncommitted, wake, open, false);
  }

  static BodySuspension unanswered(WakeCondition wake, Map<String, OpenWait> open) {
    return new BodySuspension(Uncommitted.NOTHING, wake, open, true);
  }

  /** Several threads of a body may wait: it continues with the first that is due. */
  BodySuspension and(@Nullable BodySuspension other) {
    if (other == null) {
      return this;
    }
    Map<String, OpenWait> all = new HashMap<>(open);
    all.putAll(other.open);
    return new BodySuspension(
        uncommitted.and(other.uncommitted),
        wake.or(other.wake),
        all,
        unanswered || other.unanswered);
  }
}
