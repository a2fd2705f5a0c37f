package dev.durable.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an attempt has a row in the history: none, one that is on its way to show the body as
 * running, or that of its end. Whether the first one was stored is known before there is a second.
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
   * @param opened whether that place is taken by its {@code running} row
   */
  record Ended(int seq, boolean opened) implements State {}

  /** Whether a {@code running} row has been made. */
  boolean isShown() {
    return state.get() instanceof Showing;
  }

  /** Whether a {@code running} row is in the database, or was until its end took its place. */
  boolean isOpened() {
    return switch (state.get()) {
      case Showing(int seq, CompletableFuture<Boolean> stored) -> stored.join();
      case Ended(int seq, boolean opened) -> opened;
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

  /** Ends it, once the fate of its {@code running} row is known. Another end takes its place. */
  Ended end(IntSupplier places) {
    while (true) {
      State now = state.get();
      Ended end =
          switch (now) {
            case State.Unseen none -> new Ended(places.getAsInt(), false);
            case Showing(int seq, CompletableFuture<Boolean> stored) ->
                new Ended(seq, stored.join());
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

  /** Lets it have none any more; the place of the row to be removed, or null. */
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
