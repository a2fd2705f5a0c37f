package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;

/** Unwinds a walk that cannot continue without a person. */
public final class ParkedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient ErrorInfo reason;

  public ParkedException(ErrorInfo reason) {
    super(reason.message());
    this.reason = reason;
  }

  public ErrorInfo reason() {
    return reason;
  }
}
