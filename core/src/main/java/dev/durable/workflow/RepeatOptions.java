package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.retry.Backoff;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a repeat is run. A form: it can be changed until the lambda that receives it has returned.
 * Not thread-safe.
 *
 * @param <T> what a round gets and returns
 */
public final class RepeatOptions<T> {

  private final Form form = new Form();
  private @Nullable StepFunction<? super T, Boolean> until;
  private @Nullable Backoff pause;
  private int atMost;

  private RepeatOptions() {}

  static <T> RepeatOptions<T> of(Consumer<? super RepeatOptions<T>> with) {
    RepeatOptions<T> options = new RepeatOptions<>();
    return options.form.filledIn(options, with);
  }

  /** Asked after each round; true ends the repeat. Required. */
  public RepeatOptions<T> until(StepFunction<? super T, Boolean> condition) {
    form.requireOpen();
    this.until = Objects.requireNonNull(condition, "condition");
    return this;
  }

  /**
   * The pause between two rounds. Default: none. While it lasts the execution takes no thread.
   *
   * @throws IllegalArgumentException if negative or longer than a year
   */
  public RepeatOptions<T> every(Duration interval) {
    return backoff(new Backoff.Constant(interval));
  }

  /** A pause between rounds that changes: {@code delay(n)} follows round {@code n}. */
  public RepeatOptions<T> backoff(Backoff pauses) {
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
  public RepeatOptions<T> atMost(int rounds) {
    form.requireOpen();
    if (rounds < 1) {
      throw new IllegalArgumentException("atMost must be at least 1: " + rounds);
    }
    this.atMost = rounds;
    return this;
  }

  /** Asked after each round, if set. */
  public Optional<StepFunction<? super T, Boolean>> condition() {
    return Optional.ofNullable(until);
  }

  /** The pause after that round; zero if none is set. */
  public Duration pauseAfter(int round) {
    return pause == null ? Duration.ZERO : pause.delay(round);
  }

  /** The most rounds, if limited. */
  public OptionalInt limit() {
    return atMost == 0 ? OptionalInt.empty() : OptionalInt.of(atMost);
  }
}
