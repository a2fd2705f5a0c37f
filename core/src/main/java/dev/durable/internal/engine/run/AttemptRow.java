package dev.durable.internal.engine.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The row of an attempt in the history: none, one that shows the body as running, or that of its
 * end. The end does not wait for the fate of the first one, which may need a connection that the
 * attempt itself holds: both are written so that the end counts, whichever comes first.
 */
final class AttemptRow {

  private static final State NONE = State.Unseen.NONE;
  private static final State HIDDEN = State.Unseen.HIDDEN;

  private final AtomicReference<State> state = new AtomicReference<>(NONE);

  /** The state of the row. */
  sealed interface State {

    /** There is no row. */
    enum Unseen implements State {
      /** There is none yet. */
      NONE,
      /** There never is one, because the body will be entered again. */
      HIDDEN
    }
  }

  /**
   * A {@code running} row has been made.
   *
   * @param seq its place
   * @param stored completed when its fate is known, with whether it is in the database
   */
  record Showing(int seq, CompletableFuture<Boolean> stored) implements State {}

  /**
   * The row of the end has been made.
   *
   * @param seq its place
   * @param before the row that was made at that place to show the attempt as running, or null
   */
  record Ended(int seq, @Nullable Showing before) implements State {

    /** Whether a {@code running} row may be at that place. */
    boolean opened() {
      return before != null;
    }
  }

  /** Whether a {@code running} row has been made, and no end has taken its place. */
  boolean isShown() {
    return state.get() instanceof Showing;
  }

  /**
   * Whether a {@code running} row is in the database, or was until its end took its place. Waits
   * until that is known.
   */
  boolean isOpened() {
    return switch (state.get()) {
      case Showing showing -> showing.stored().join();
      case Ended(int seq, Showing before) -> before != null && before.stored().join();
      case State.Unseen none -> false;
    };
  }

  /** Makes the {@code running} row; null if there is one, or it is no longer needed. */
  @Nullable Showing show(IntSupplier places) {
    if (!NONE.equals(state.get())) {
      return null;
    }
    Showing showing = new Showing(places.getAsInt(), new CompletableFuture<>());
    return state.compareAndSet(NONE, showing) ? showing : null;
  }

  /** Makes the row of the end. A second end takes the same place. */
  Ended end(IntSupplier places) {
    while (true) {
      State now = state.get();
      Ended end =
          switch (now) {
            case State.Unseen none -> new Ended(places.getAsInt(), null);
            case Showing showing -> new Ended(showing.seq(), showing);
            case Ended before -> before;
          };
      if (state.compareAndSet(now, end)) {
        return end;
      }
    }
  }

  /** Keeps the attempt without a row; false if one has been made already. */
  boolean staysHidden() {
    return state.compareAndSet(NONE, HIDDEN) || HIDDEN.equals(state.get());
  }

  /**
   * Takes the row away; the place of the row to be removed, or null. Waits until it is known
   * whether there is one.
   */
  @Nullable Integer hide() {
    if (staysHidden()) {
      return null;
    }
    return state.get() instanceof Showing(int seq, CompletableFuture<Boolean> stored)
            && stored.join()
        ? Integer.valueOf(seq)
        : null;
  }
}
