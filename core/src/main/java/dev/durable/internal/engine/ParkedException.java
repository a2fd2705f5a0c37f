package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;

/** Unwinds a walk that cannot continue without a person. */
final class ParkedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient ErrorInfo reason;

  ParkedException(ErrorInfo reason) {
    super(reason.message());
    this.reason = reason;
  }

  ErrorInfo reason() {
    return reason;
  }
}
