package dev.durable.internal.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an owner wants to make durable in one piece.
 *
 * @param owner the execution, and the token that the owner holds
 * @param steps rows of history to add or to close
 * @param forgotten the places of rows of history that are no longer needed
 * @param waits what changes about waiting
 * @param transition what becomes of the execution, or null if the owner goes on
 * @param family whom that concerns; nobody if the owner goes on
 */
public record Entry(
    Ownership owner,
    List<StepRow> steps,
    List<Integer> forgotten,
    WaitChanges waits,
    @Nullable Transition transition,
    ExecutionLinks family) {

  /** Copies the lists. */
  public Entry {
    steps = List.copyOf(steps);
    forgotten = List.copyOf(forgotten);
  }

  /** Rows of history, and nothing else. */
  public Entry(Ownership owner, List<StepRow> steps) {
    this(owner, steps, List.of(), WaitChanges.NONE, null, ExecutionLinks.NONE);
  }

  /** Whether there is something in it that the database may be unable to store. */
  public boolean carriesValue() {
    return !steps.isEmpty()
        || !waits.isEmpty()
        || (transition != null
            && (transition.output() != null
                || transition.error() != null
                || transition.compensation() != null));
  }

  /** Roughly how many bytes it sends. */
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
