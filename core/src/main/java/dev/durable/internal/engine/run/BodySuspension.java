package dev.durable.internal.engine.run;

import dev.durable.internal.store.journal.WakeCondition;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
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
public record BodySuspension(
    Uncommitted uncommitted,
    WakeCondition wake,
    Map<String, PendingWait> open,
    boolean unanswered) {

  public BodySuspension(
      Uncommitted uncommitted, WakeCondition wake, Map<String, PendingWait> open) {
    this(uncommitted, wake, open, false);
  }

  public static BodySuspension unanswered(WakeCondition wake, Map<String, PendingWait> open) {
    return new BodySuspension(Uncommitted.NOTHING, wake, open, true);
  }

  /** All of the waits at which parts of a body have been left. */
  public static BodySuspension all(Collection<BodySuspension> parts) {
    WakeCondition wake = WakeCondition.NEVER;
    Map<String, PendingWait> open = new HashMap<>();
    boolean unanswered = false;
    for (BodySuspension part : parts) {
      wake = wake.or(part.wake);
      open.putAll(part.open);
      unanswered = unanswered || part.unanswered;
    }
    List<Uncommitted> changes = parts.stream().map(BodySuspension::uncommitted).toList();
    return new BodySuspension(Uncommitted.all(changes), wake, open, unanswered);
  }

  /** Several threads of a body may wait: it continues with the first that is due. */
  BodySuspension and(@Nullable BodySuspension other) {
    if (other == null) {
      return this;
    }
    Map<String, PendingWait> all = new HashMap<>(open);
    all.putAll(other.open);
    return new BodySuspension(
        uncommitted.and(other.uncommitted),
        wake.or(other.wake),
        all,
        unanswered || other.unanswered);
  }
}
