package dev.durable.wait;

import dev.durable.internal.form.Form;
import dev.durable.internal.text.IndexedText;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an event is sent. A form: it can be changed until the lambda that receives it has returned.
 * Not thread-safe.
 */
public final class SendOptions {

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
   * Sending again with the same key and event name to the same execution changes nothing. Key and
   * name take at most 2,500 bytes of UTF-8 together; otherwise the event is refused with {@link
   * IllegalArgumentException} when it is sent.
   *
   * @throws IllegalArgumentException if blank, longer than 500 characters, or with a NUL character
   *     or half a surrogate pair
   */
  public SendOptions idempotencyKey(String key) {
    form.requireOpen();
    Objects.requireNonNull(key, "key");
    this.idempotencyKey = IndexedText.require(key, "idempotencyKey");
    return this;
  }

  /** The key, or null. */
  public @Nullable String idempotencyKey() {
    return idempotencyKey;
  }
}
