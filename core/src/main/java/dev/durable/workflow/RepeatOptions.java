package dev.durable.workflow;

import dev.durable.retry.Backoff;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a repeat is run. Immutable: each method returns a changed copy.
 *
 * @param <T> what a round gets and returns
 */
public final class RepeatOptions<T> {

  private final @Nullable StepFunction<? super T, Boolean> until;
  private final @Nullable Backoff pause;
  private final int atMost;

  private RepeatOptions(
      @Nullable StepFunction<? super T, Boolean> until, @Nullable Backoff pause, int atMost) {
    this.until = until;
    this.pause = pause;
    this.atMost = atMost;
  }

  static <T> RepeatOptions<T> none() {
    return new RepeatOptions<>(null, null, 0);
  }

  /** Asked after each round; true ends the repeat. Required. */
  public RepeatOptions<T> until(StepFunction<? super T, Boolean> condition) {
    return new RepeatOptions<>(Objects.requireNonNull(condition, "condition"), pause, atMost);
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
    return new RepeatOptions<>(until, Objects.requireNonNull(pauses, "pauses"), atMost);
  }

  /**
   * The most rounds; if the condition does not hold after them, the repeat fails with error type
   * {@code repeat_limit}. An operator's retry runs one more round. Default: no limit.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public RepeatOptions<T> atMost(int rounds) {
    if (rounds < 1) {
      throw new IllegalArgumentException("atMost must be at least 1: " + rounds);
    }
    return new RepeatOptions<>(until, pause, rounds);
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
