package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.JsonValue;

/** How a part of a fork ended. */
sealed interface DryPart {

  /** With a result. */
  record Done(JsonValue data) implements DryPart {}

  /** With a failure. */
  record Failed(ErrorInfo error) implements DryPart {}

  /** Not at all, for the others decided. */
  record Stopped() implements DryPart {}
}
