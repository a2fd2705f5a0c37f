package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;

/** How a part of a fork ended. */
sealed interface Part {

  /** It returned. */
  record Done(Data data) implements Part {}

  /** It failed for good. */
  record Failed(ErrorInfo error) implements Part {}

  /** It was stopped, or never begun. */
  record Stopped() implements Part {}
}
