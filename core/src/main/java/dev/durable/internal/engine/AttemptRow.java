package dev.durable.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an attempt has a row in the history: none, one that shows the body as running, or that of
 * its end. The end does not wait for the fate of the first one, which may need a connection that
 * the attempt itself holds: both are written so that the end counts, whichever comes first.
 */
final class AttemptRow {

  private static final State NONE = State.Unseen.NONE;
  private static final State HIDDEN = State.Unseen.HIDDEN;

  private final AtomicReference<State> state = new AtomicReference<>(NONE);

  /** Where it stands. */
  sealed interface State {

    /** There is no row. */
    enum Unseen implements State {
      /** Not yet. */
      NONE,
      /** It never gets one, because its body will be entered again. */
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
   * It has ended.
   *
   * @param seq the place of its row
   * @param before what was made to show it as running at that place, or null
   */
  record Ended(int seq, @Nullable Showing before) implements State {

    /** Whether that place may be taken by its {@code running} row. */
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

  /** Makes the {@code running} row; null if there is one, or none is wanted any more. */
  @Nullable Showing show(IntSupplier places) {
    if (!NONE.equals(state.get())) {
      return null;
    }
    Showing showing = new Showing(places.getAsInt(), new CompletableFuture<>());
    return state.compareAndSet(NONE, showing) ? showing : null;
  }

  /** Ends it. Another end takes its place. */
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

  /** Lets it have none; false if one has been made already. */
  boolean staysHidden() {
    return state.compareAndSet(NONE, HIDDEN) || HIDDEN.equals(state.get());
  }

  /**
   * Lets it have none any more; the place of the row to be removed, or null. Waits until it is
   * known whether there is one.
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
