package dev.durable.wait;

import dev.durable.internal.form.Form;
import dev.durable.internal.text.StorableText;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an event is sent. A form: it can be changed until the lambda that receives it has returned.
 * Not thread-safe.
 */
public final class SendOptions {

  private static final int LONGEST_KEY = 500;

  private final Form form = new Form();
  private @Nullable String idempotencyKey;

  /** Without an idempotency key. */
  private SendOptions() {}

  /** The options that the lambda fills in. */
  public static SendOptions of(Consumer<? super SendOptions> with) {
    SendOptions options = new SendOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * Sending again with the same key and event name to the same execution changes nothing.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public SendOptions idempotencyKey(String key) {
    form.requireOpen();
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
