package dev.durable.internal.engine.run;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One stay of an execution on this worker: it is walked, then it leaves, then it is gone. The walk,
 * the deadline, a cancel and a takeover compete for the right to end it; the first wins, and alone
 * says when it is gone.
 */
public final class Stay {

  private final AtomicReference<State> state = new AtomicReference<>(State.WALKING);
  private volatile String reason = "it has ended";

  private enum State {
    WALKING,
    /** The walk has an outcome, which is being committed. */
    LEAVING,
    /** Taken away from the walk, which stops as soon as it looks. */
    TAKEN,
    GONE
  }

  /** Whether the walk may continue. */
  boolean isWalking() {
    return state.get() == State.WALKING;
  }

  /** Whether nothing of this stay is left to be committed. */
  boolean isGone() {
    return state.get() == State.GONE;
  }

  /** The walk has an outcome. False if the stay was taken away before. */
  public boolean leave() {
    return state.compareAndSet(State.WALKING, State.LEAVING);
  }

  /** Takes the stay away from the walk. False if the walk, or another thread, was faster. */
  public boolean take(String why) {
    if (!state.compareAndSet(State.WALKING, State.TAKEN)) {
      return false;
    }
    reason = why;
    return true;
  }

  /** The walking thread has nothing left to do. True if the stay ends with that. */
  public boolean walkIsOver() {
    return state.compareAndSet(State.WALKING, State.GONE)
        || state.compareAndSet(State.LEAVING, State.GONE);
  }

  /** The thread that took the stay has nothing left to do. True if the stay ends with that. */
  public boolean takeIsOver() {
    return state.compareAndSet(State.TAKEN, State.GONE);
  }

  /**
   * The error that unwinds a thread of this stay.
   *
   * @param why the reason, if not that of the whole stay
   */
  StoppedError stopped(@Nullable String why) {
    return new StoppedError(why == null ? reason : why);
  }

  @Override
  public String toString() {
    State now = state.get();
    String text = now.name().toLowerCase(Locale.ROOT);
    return now == State.TAKEN ? text + ": " + reason : text;
  }
}
