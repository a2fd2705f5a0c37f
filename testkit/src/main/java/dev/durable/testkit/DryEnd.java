package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import org.jspecify.annotations.Nullable;

/** How a run ended. */
record DryEnd(
    ExecutionStatus status,
    @Nullable String output,
    @Nullable ErrorInfo error,
    @Nullable String waitsFor) {

  static DryEnd completed(String output) {
    return new DryEnd(ExecutionStatus.COMPLETED, output, null, null);
  }

  static DryEnd of(ExecutionStatus status, ErrorInfo error) {
    return new DryEnd(status, null, error, null);
  }

  static DryEnd waiting(String what) {
    return new DryEnd(ExecutionStatus.WAITING, null, null, what);
  }
}
