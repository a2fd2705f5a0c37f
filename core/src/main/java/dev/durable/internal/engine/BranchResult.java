package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;

/** The end of a part of a fork. */
sealed interface BranchResult {

  /** It returned. */
  record Done(JsonValue data) implements BranchResult {}

  /** It failed for good. */
  record Failed(ErrorInfo error) implements BranchResult {}

  /** It was stopped, or never begun. */
  record Stopped() implements BranchResult {}
}
