package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;

/** Unwinds a walk at a node that has failed for good. Its rows are held, or committed already. */
final class StepFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient ErrorInfo error;

  StepFailure(ErrorInfo error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  ErrorInfo error() {
    return error;
  }
}
