package dev.durable.examples;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.OpenQuestion;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Waits for executions to reach a state, for examples that watch them from outside. */
public final class Waiting {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LOOK_MILLIS = 5;

  private Waiting() {}

  /** Returns the first question of an execution, as soon as it waits for the answer. */
  public static OpenQuestion question(Durable durable, UUID execution) {
    atRest(durable, execution);
    return durable.questions().open(execution).getFirst();
  }

  /** Returns when an execution waits and no worker owns it. */
  public static void atRest(Durable durable, UUID execution) {
    until(() -> durable.handle(execution).status() == ExecutionStatus.WAITING);
  }

  /** Returns when an execution has ended. */
  public static ExecutionStatus ended(Durable durable, UUID execution) {
    until(() -> durable.handle(execution).status().isFinal());
    return durable.handle(execution).status();
  }

  /** Returns when the condition holds; looks again and again. */
  public static void until(BooleanSupplier condition) {
    long beganAt = System.nanoTime();
    try {
      while (!condition.getAsBoolean()) {
        if (System.nanoTime() - beganAt > PATIENCE.toNanos()) {
          throw new IllegalStateException("It did not happen within " + PATIENCE + ".");
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }
}
