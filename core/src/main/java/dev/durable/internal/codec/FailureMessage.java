package dev.durable.internal.codec;

import dev.durable.internal.text.StorableText;

/** The message of a throwable that may be hostile, as PostgreSQL can store it. */
public final class FailureMessage {

  private FailureMessage() {}

  public static String of(Throwable failure) {
    try {
      String message = failure.getMessage();
      return StorableText.storable(message == null ? "(no message)" : message);
    } catch (Throwable hostile) {
      return "(getMessage() threw " + hostile.getClass().getName() + ")";
    }
  }
}
