package dev.durable.acceptance;

import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome;
import dev.durable.wait.WaitOutcome.Cancelled;
import dev.durable.wait.WaitOutcome.Received;
import dev.durable.wait.WaitOutcome.TimedOut;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;

/** Events, bodies that wait, and outcomes as text. */
final class Waits {

  static final Event<String> PAID = Event.of("payment.success", String.class);
  static final Event<String> SHIPPED = Event.of("shipped", String.class);

  private Waits() {}

  /** A body that waits. */
  interface Body {
    String run(String data, StepContext<String> step) throws Exception;
  }

  static Workflow<String, String> body(String name, Body body) {
    return Workflow.of(name, String.class, String.class, body::run);
  }

  static <T> String text(WaitOutcome<T> outcome) {
    return switch (outcome) {
      case Received<T>(T value) -> "received " + value;
      case TimedOut<T> late -> "timed out";
      case Cancelled<T> cancelled -> "cancelled";
    };
  }
}
