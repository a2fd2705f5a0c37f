package dev.durable.internal.store;

import org.jspecify.annotations.Nullable;

/**
 * What an owner wants to make durable in one piece.
 *
 * @param owner the execution, and the token that the owner holds
 * @param step a row of history, or null
 * @param transition what becomes of the execution, or null if the owner goes on
 */
public record EntryRow(Identified owner, @Nullable StepRow step, @Nullable Transition transition) {

  /** Roughly how many bytes it sends. */
  public long bytes() {
    long bytes = 200;
    if (step != null) {
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
