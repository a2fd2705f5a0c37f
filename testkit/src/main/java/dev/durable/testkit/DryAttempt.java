package dev.durable.testkit;

import dev.durable.execution.StepType;
import org.jspecify.annotations.Nullable;

/** One attempt of a node's body. On the calling thread only. */
final class DryAttempt {

  private final String path;
  private final StepType type;
  private final int number;
  private @Nullable DryStop stop;
  private boolean over;

  DryAttempt(String path, StepType type, int number) {
    this.path = path;
    this.type = type;
    this.number = number;
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

  /** Stops the body; it stays stopped although it may catch this. */
  DryStop stops(DryStop how) {
    stop = how;
    return how;
  }

  void requireGoing() {
    if (stop != null) {
      throw stop;
    }
  }

  /** The body has ended; what fails now is not its fault. */
  void end() {
    requireGoing();
    over = true;
  }

  boolean isOver() {
    return over;
  }
}
