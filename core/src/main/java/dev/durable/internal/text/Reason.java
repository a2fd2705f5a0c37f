package dev.durable.internal.text;

import java.util.Objects;

/** Reasons that people give for what they do. */
public final class Reason {

  private Reason() {}

  /**
   * Checks a reason.
   *
   * @return it
   * @throws IllegalArgumentException if it is blank
   */
  public static String require(String reason) {
    if (Objects.requireNonNull(reason, "reason").isBlank()) {
      throw new IllegalArgumentException("A reason must not be blank.");
    }
    return reason;
  }
}
