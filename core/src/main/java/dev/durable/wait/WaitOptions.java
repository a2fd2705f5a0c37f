package dev.durable.wait;

import dev.durable.internal.form.Form;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How long an execution waits. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 */
public final class WaitOptions {

  private final Form form = new Form();
  private @Nullable Duration timeout;

  /** As long as it takes. */
  private WaitOptions() {}

  /** The options that the lambda fills in. */
  public static WaitOptions of(Consumer<? super WaitOptions> with) {
    WaitOptions options = new WaitOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * The longest time to wait, by the database's clock, from the moment the wait begins. Default: no
   * limit. Zero looks once at what has been sent already.
   *
   * @throws IllegalArgumentException if negative
   */
  public WaitOptions timeout(Duration limit) {
    form.requireOpen();
    if (limit.isNegative()) {
      throw new IllegalArgumentException("timeout must not be negative: " + limit);
    }
    this.timeout = limit;
    return this;
  }

  /** The limit, if there is one. */
  public Optional<Duration> limit() {
    return Optional.ofNullable(timeout);
  }
}
