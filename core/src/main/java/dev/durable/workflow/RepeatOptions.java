package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.retry.Backoff;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the rounds of a repeat follow each other. A form: it can be changed until the lambda that
 * receives it has returned. Not thread-safe.
 */
public final class RepeatOptions {

  private final Form form = new Form();
  private @Nullable Backoff pause;
  private int atMost;

  private RepeatOptions() {}

  static RepeatOptions of(Consumer<? super RepeatOptions> with) {
    RepeatOptions options = new RepeatOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * The pause between two rounds. Default: none. While it lasts the execution takes no thread.
   *
   * @throws IllegalArgumentException if negative or longer than a year
   */
  public RepeatOptions every(Duration interval) {
    return backoff(new Backoff.Constant(Objects.requireNonNull(interval, "interval")));
  }

  /** A pause between rounds that changes: {@code delay(n)} follows round {@code n}. */
  public RepeatOptions backoff(Backoff pauses) {
    form.requireOpen();
    this.pause = Objects.requireNonNull(pauses, "pauses");
    return this;
  }

  /**
   * The most rounds; if the condition does not hold after them, the repeat fails with error type
   * {@code repeat_limit}. An operator's retry runs one more round. Default: no limit.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public RepeatOptions atMost(int rounds) {
    form.requireOpen();
    if (rounds < 1) {
      throw new IllegalArgumentException("atMost must be at least 1: " + rounds);
    }
    this.atMost = rounds;
    return this;
  }

  RepeatSettings settings() {
    return new RepeatSettings(pause, atMost);
  }
}
