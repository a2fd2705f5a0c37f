package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.service.Threads;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The parts of a fork whose code runs, each on a virtual thread of its own. For the thread of the
 * body.
 */
final class RunningParts {

  private final Map<Integer, Entered> entered = new HashMap<>();

  private record Entered(Attempt attempt, Thread thread) {}

  boolean isEmpty() {
    return entered.isEmpty();
  }

  int size() {
    return entered.size();
  }

  /**
   * Enters a part.
   *
   * @param over is told on the part's thread how that has ended
   */
  void enter(int index, PartCall call, Consumer<PartEnd> over) {
    Thread thread =
        Threads.virtual(Thread.currentThread().getName(), () -> over.accept(call.call()));
    entered.put(index, new Entered(call.attempt(), thread));
    thread.start();
  }

  /** The code of a part has ended. */
  void over(int index) {
    entered.remove(index);
  }

  /** Stops the parts, and waits until their code has ended. What they have committed counts. */
  void stop() {
    for (Entered part : entered.values()) {
      part.attempt.takeAway();
      part.attempt.interrupt();
    }
    boolean interrupted = false;
    for (Entered part : entered.values()) {
      interrupted |= awaitEnd(part.thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException meanwhile) {
        interrupted = true;
      }
    }
  }
}
