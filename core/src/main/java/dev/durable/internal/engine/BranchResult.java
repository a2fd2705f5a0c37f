package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;

/** The end of a part of a fork. */
sealed interface BranchResult {

  /** The part returned. */
  record Done(JsonValue data) implements BranchResult {}

  /** The part failed for good. */
  record Failed(ErrorInfo error) implements BranchResult {}

  /** The part was stopped, or never begun. */
  record Stopped() implements BranchResult {}
}
