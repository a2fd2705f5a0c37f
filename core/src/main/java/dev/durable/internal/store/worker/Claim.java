package dev.durable.internal.store.worker;

import dev.durable.internal.store.journal.Ownership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a claim.
 *
 * @param taken the claimed executions, in their order
 * @param nextDue the time until the next execution is due, or null if none is known
 * @param more whether more executions may be due: there was no room for them, or they lie behind
 *     rows that others had locked, or before the row at which the claim began
 * @param crowd whether so many have slept and are due that perhaps not all of them were read
 * @param refused whether it has taken nothing of what it found, because the limits that the worker
 *     knows are out of date, or because the worker is dead
 */
public record Claim(
    List<Taken> taken, @Nullable Duration nextDue, boolean more, boolean crowd, boolean refused) {

  /**
   * An execution that was claimed, as it was read.
   *
   * @param owner the execution and its new token
   * @param queue the queue
   * @param bytes the size of its input
   * @param suspect whether it has lost many workers in a row
   * @param past whether it may have a history or unread signals
   * @param execution what there is to run; null if a column cannot be read
   * @param unreadable why it cannot be read; null if it can
   */
  public record Taken(
      Ownership owner,
      String queue,
      long bytes,
      boolean suspect,
      boolean past,
      @Nullable Claimed execution,
      @Nullable Throwable unreadable) {}

  /** An answer without anything. */
  public static final Claim NOTHING = new Claim(List.of(), null, false, false, false);

  /** The answer to this claim and another one. */
  public Claim and(Claim other) {
    List<Taken> both = new ArrayList<>(taken);
    both.addAll(other.taken);
    Duration next = nextDue;
    if (next == null || (other.nextDue != null && other.nextDue.compareTo(next) < 0)) {
      next = other.nextDue;
    }
    return new Claim(
        both, next, more || other.more, crowd || other.crowd, refused || other.refused);
  }

  /** The same, and more may be due. */
  Claim withMore() {
    return new Claim(taken, nextDue, true, crowd, refused);
  }

  /** The same, so much later. */
  Claim after(Duration time) {
    if (nextDue == null) {
      return this;
    }
    Duration left = nextDue.minus(time);
    return new Claim(taken, left.isNegative() ? Duration.ZERO : left, more, crowd, refused);
  }

  /** The same, and what it found was refused. */
  Claim withRefusal() {
    return new Claim(taken, nextDue, more, crowd, true);
  }

  /** The claimed executions that can be run. */
  public List<Claimed> executions() {
    return taken.stream().map(Taken::execution).filter(Objects::nonNull).toList();
  }
}
