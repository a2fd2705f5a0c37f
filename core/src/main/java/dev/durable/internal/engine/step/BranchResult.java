package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.JsonValue;

/** The end of a part of a fork. */
public sealed interface BranchResult {

  /** The part returned. */
  record Done(JsonValue data) implements BranchResult {}

  /** The part failed for good. */
  record Failed(ErrorInfo error) implements BranchResult {}

  /** The part was stopped, or never begun. */
  record Stopped() implements BranchResult {}
}
