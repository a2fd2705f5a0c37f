package dev.durable.internal.store.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes that an owner commits in one piece.
 *
 * @param owner the execution, and the token that the owner holds
 * @param steps rows of history to add or to close
 * @param forgotten the places of rows of history that are no longer needed
 * @param waits the changes of waits
 * @param transition how the execution leaves its owner, or null if the owner continues
 * @param links the parent, children and waits that a transition affects; none without one
 */
public record Entry(
    Ownership owner,
    List<StepRow> steps,
    List<Integer> forgotten,
    WaitChanges waits,
    @Nullable Transition transition,
    ExecutionLinks links) {

  /** Copies the lists. */
  public Entry {
    steps = List.copyOf(steps);
    forgotten = List.copyOf(forgotten);
  }

  /** An entry of rows of history only. */
  public Entry(Ownership owner, List<StepRow> steps) {
    this(owner, steps, List.of(), WaitChanges.NONE, null, ExecutionLinks.NONE);
  }

  /** Whether it has values that the database may be unable to store. */
  public boolean carriesValue() {
    return !steps.isEmpty()
        || !waits.isEmpty()
        || (transition != null
            && (transition.output() != null
                || transition.error() != null
                || transition.compensation() != null));
  }

  /** The bytes that it sends, roughly. */
  public long bytes() {
    long bytes = 200 + waits.bytes();
    for (StepRow step : steps) {
      bytes += length(step.output()) + length(step.error());
    }
    if (transition != null) {
      bytes += length(transition.output()) + length(transition.error());
    }
    return bytes;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
