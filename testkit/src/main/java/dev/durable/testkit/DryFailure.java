package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;

/** A node has failed for good. */
final class DryFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient ErrorInfo error;

  DryFailure(ErrorInfo error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  ErrorInfo error() {
    return error;
  }
}
