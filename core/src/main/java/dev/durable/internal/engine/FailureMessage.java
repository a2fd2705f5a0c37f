package dev.durable.internal.engine;

import dev.durable.internal.text.StorableText;

/** The message of a throwable that may be hostile, as PostgreSQL can store it. */
final class FailureMessage {

  private FailureMessage() {}

  static String of(Throwable failure) {
    try {
      String message = failure.getMessage();
      return StorableText.storable(message == null ? "(no message)" : message);
    } catch (Throwable hostile) {
      return "(getMessage() threw " + hostile.getClass().getName() + ")";
    }
  }
}
