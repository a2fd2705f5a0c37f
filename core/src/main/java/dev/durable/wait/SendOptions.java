package dev.durable.wait;

import dev.durable.internal.text.StorableText;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How an event is sent. Mutable; not thread-safe. */
public final class SendOptions {

  private static final int LONGEST_KEY = 500;

  private @Nullable String idempotencyKey;

  /** Without an idempotency key. */
  public SendOptions() {}

  /**
   * Sending again with the same key and event name to the same execution changes nothing.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public SendOptions idempotencyKey(String key) {
    Objects.requireNonNull(key, "key");
    if (key.isBlank() || key.length() > LONGEST_KEY || !StorableText.isStorable(key)) {
      throw new IllegalArgumentException(
          "idempotencyKey must have 1 to "
              + LONGEST_KEY
              + " characters, not blank, without NUL and"
              + " half surrogate pairs.");
    }
    this.idempotencyKey = key;
    return this;
  }

  /** The key, or null. */
  public @Nullable String idempotencyKey() {
    return idempotencyKey;
  }
}
