package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;

/** Unwinds a walk at a node that has failed for good. Its rows are held, or committed already. */
public final class StepFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient ErrorInfo error;

  public StepFailure(ErrorInfo error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  public ErrorInfo error() {
    return error;
  }
}
