package dev.durable.testkit;

import dev.durable.execution.StepType;
import org.jspecify.annotations.Nullable;

/** One attempt of a node's body. On the calling thread only. */
final class DryAttempt {

  private final String path;
  private final StepType type;
  private final int number;
  private final boolean atMostOnce;
  private final @Nullable DryCollection collection;
  private final @Nullable DryAttempt whole;
  private @Nullable String input;
  private @Nullable DryStop stop;
  private boolean over;

  DryAttempt(String path, StepType type, int number) {
    this(path, type, number, false, null, null);
  }

  /**
   * @param collection gets what the body says about being undone; null unless it is entered for
   *     that
   */
  DryAttempt(
      String path,
      StepType type,
      int number,
      boolean atMostOnce,
      @Nullable DryCollection collection) {
    this(path, type, number, atMostOnce, collection, null);
  }

  private DryAttempt(
      String path,
      StepType type,
      int number,
      boolean atMostOnce,
      @Nullable DryCollection collection,
      @Nullable DryAttempt whole) {
    this.path = path;
    this.type = type;
    this.number = number;
    this.atMostOnce = atMostOnce;
    this.collection = collection;
    this.whole = whole;
  }

  String path() {
    return path;
  }

  StepType type() {
    return type;
  }

  int number() {
    return number;
  }

  boolean isAtMostOnce() {
    return atMostOnce;
  }

  /** What the body got, as JSON; null if it is not a step's. */
  @Nullable String input() {
    return input;
  }

  void gets(String json) {
    input = json;
  }

  /** An attempt of a branch or an item of its body. */
  DryAttempt part(String place, int count) {
    DryAttempt part = new DryAttempt(place, StepType.EFFECT, count, atMostOnce, collection, this);
    part.input = input;
    return part;
  }

  // ---- an entry that only collects ----

  boolean isCollecting() {
    return collection != null;
  }

  /** Leaves a body that is entered only to collect: what it asks for would have to be done. */
  void requireDoing() {
    if (collection != null) {
      throw stops(new DryStop.Leaves());
    }
  }

  /** The body says how the effect at a path is undone. */
  void collect(String call, DryUndoing.Handler undo) {
    if (collection != null) {
      collection.add(call, undo);
      leaveIfCollected();
    }
  }

  /** Leaves a body that is entered only to collect, if all that is known. */
  void leaveIfCollected() {
    if (collection != null && collection.isComplete()) {
      throw stops(new DryStop.Leaves());
    }
  }

  // ---- its end ----

  /** Stops the body; it stays stopped although it may catch this. Nothing outdoes a misuse. */
  DryStop stops(DryStop how) {
    DryStop last = stop instanceof DryStop.Misuse ? stop : how;
    stop = last;
    return last;
  }

  void requireGoing() {
    if (stop != null) {
      throw stop;
    }
  }

  /** The same for an entry that only collects: whatever else ends it is no harm. */
  void requireNoMisuse() {
    if (stop instanceof DryStop.Misuse) {
      throw stop;
    }
  }

  /** The body has ended; what fails now is not its fault. */
  void end() {
    requireGoing();
    closes();
  }

  /** The body has returned or thrown: its context is over. */
  void closes() {
    over = true;
  }

  boolean isOver() {
    return over;
  }

  /** Whether neither its body nor the one that it is a part of has ended. */
  boolean isOpen() {
    return !over && (whole == null || whole.isOpen());
  }

  /** Whether its work still counts. */
  boolean isWanted() {
    return isOpen() && stop == null;
  }
}
