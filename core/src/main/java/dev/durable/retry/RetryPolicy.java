package dev.durable.retry;

import dev.durable.internal.text.Causes;
import dev.durable.json.JsonException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether and when a failed step is tried again. Immutable and thread-safe: each method returns a
 * changed copy.
 *
 * <p>Defaults of {@link #constant}, {@link #linear} and {@link #exponential}: 3 attempts in all, no
 * jitter, waits capped at one hour, every exception is retried. A wait is a due time in the
 * database: no thread sleeps, and it survives a crash.
 *
 * <p>An {@link Error} is never retried, nor is a {@link NonRetryableException} or a {@link
 * JsonException}, wherever it stands in the causes. A {@link RetryAfterException}, in the causes as
 * well, brings its own wait, which replaces backoff, cap and jitter.
 */
public final class RetryPolicy {

  private static final RetryPolicy NONE =
      new RetryPolicy(
          new Backoff.Constant(Duration.ZERO), 1, Duration.ofHours(1), 0, List.of(), null, false);

  private final Backoff backoff;
  private final int maxAttempts;
  private final Duration cap;
  private final double jitter;
  private final List<Predicate<? super Throwable>> conditions;
  private final @Nullable Duration limit;
  private final boolean parks;

  private RetryPolicy(
      Backoff backoff,
      int maxAttempts,
      Duration cap,
      double jitter,
      List<Predicate<? super Throwable>> conditions,
      @Nullable Duration limit,
      boolean parks) {
    this.backoff = backoff;
    this.maxAttempts = maxAttempts;
    this.cap = cap;
    this.jitter = jitter;
    this.conditions = conditions;
    this.limit = limit;
    this.parks = parks;
  }

  /** One attempt, no retry: the default of every step. */
  public static RetryPolicy none() {
    return NONE;
  }

  /** The same wait after every failed attempt. */
  public static RetryPolicy constant(Duration wait) {
    return of(new Backoff.Constant(Objects.requireNonNull(wait, "wait")));
  }

  /** {@code base × n} after attempt {@code n}. */
  public static RetryPolicy linear(Duration base) {
    return of(new Backoff.Linear(base));
  }

  /** {@code base × 2^n} after attempt {@code n}. */
  public static RetryPolicy exponential(Duration base) {
    return of(new Backoff.Exponential(base));
  }

  /** A policy with the given backoff and the defaults above. */
  public static RetryPolicy of(Backoff backoff) {
    return new RetryPolicy(
        Objects.requireNonNull(backoff, "backoff"), 3, NONE.cap, 0, List.of(), null, false);
  }

  /**
   * The number of attempts in all, the first one included. Default 3.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public RetryPolicy maxAttempts(int attempts) {
    if (attempts < 1) {
      throw new IllegalArgumentException("maxAttempts must be at least 1: " + attempts);
    }
    return new RetryPolicy(backoff, attempts, cap, jitter, conditions, limit, parks);
  }

  /**
   * The longest wait between two attempts. Default one hour.
   *
   * @throws IllegalArgumentException if negative
   */
  public RetryPolicy cap(Duration longest) {
    Objects.requireNonNull(longest, "longest");
    if (longest.isNegative()) {
      throw new IllegalArgumentException("cap must not be negative: " + longest);
    }
    return new RetryPolicy(backoff, maxAttempts, longest, jitter, conditions, limit, parks);
  }

  /**
   * Spreads each wait evenly over {@code wait × (1 ± factor)}, so that many failures do not come
   * back at once. Default 0.
   *
   * @throws IllegalArgumentException if not between 0 and 1
   */
  public RetryPolicy jitter(double factor) {
    if (!(factor >= 0 && factor <= 1)) {
      throw new IllegalArgumentException("jitter must be between 0 and 1: " + factor);
    }
    return new RetryPolicy(backoff, maxAttempts, cap, factor, conditions, limit, parks);
  }

  /**
   * Retries only what the condition accepts. Several conditions must all accept. A condition that
   * throws refuses, and the step's error says what it has thrown.
   */
  public RetryPolicy retryIf(Predicate<? super Throwable> condition) {
    Objects.requireNonNull(condition, "condition");
    List<Predicate<? super Throwable>> all = new ArrayList<>(conditions);
    all.add(condition);
    return new RetryPolicy(backoff, maxAttempts, cap, jitter, List.copyOf(all), limit, parks);
  }

  /** Never retries exceptions of these classes or their subclasses. */
  @SafeVarargs
  public final RetryPolicy doNotRetryOn(Class<? extends Throwable>... classes) {
    List<Class<? extends Throwable>> refused = new ArrayList<>();
    for (Class<? extends Throwable> refusedClass : Objects.requireNonNull(classes, "classes")) {
      refused.add(refusedClass);
    }
    return retryIf(failure -> refused.stream().noneMatch(c -> c.isInstance(failure)));
  }

  /**
   * The longest time for all attempts together, from the first one's begin by the database's clock:
   * the next attempt is not begun if it would be due after that. Default: no limit. It holds beside
   * {@link #maxAttempts}, whose default is low: raise that if only the time is to count.
   *
   * <p>An attempt that is running is not cut; a timeout does that. Time that a body waits, and time
   * without a worker, counts. An attempt that was due in time is begun although its worker is late,
   * and one that a lost worker left open is begun again. An operator's retry begins anew.
   *
   * @throws IllegalArgumentException if not positive
   */
  public RetryPolicy within(Duration time) {
    if (!Objects.requireNonNull(time, "time").isPositive()) {
      throw new IllegalArgumentException("within must be positive: " + time);
    }
    return new RetryPolicy(backoff, maxAttempts, cap, jitter, conditions, time, parks);
  }

  /**
   * Holds the execution for a person when the attempts or their time are used up, instead of
   * failing it: it is parked with the error {@code retries_exhausted}, and nothing is undone.
   * {@code durable.retry(id)} gives the step fresh attempts; {@code durable.giveUp(id, reason)}
   * fails the execution. With {@code RetryPolicy.none().thenPark()} the first failure does so.
   *
   * <p>A failure that this policy would never retry still fails the step. In a part of a parallel
   * or a forEach, the whole execution is held: parts that are running are stopped, as after a
   * failure, and begin their step again after the retry. In a compensation this has no effect: an
   * execution whose compensation fails is {@code compensation_failed}, which {@code
   * durable.retry(id)} continues as well.
   */
  public RetryPolicy thenPark() {
    return new RetryPolicy(backoff, maxAttempts, cap, jitter, conditions, limit, true);
  }

  /** The number of attempts in all. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /** Whether {@link #thenPark()} holds. */
  public boolean isParking() {
    return parks;
  }

  /** The longest time for all attempts together, if limited. */
  public Optional<Duration> timeLimit() {
    return Optional.ofNullable(limit);
  }

  /** The formula of the waits. */
  public Backoff backoff() {
    return backoff;
  }

  /**
   * Whether the conditions accept this failure, whatever its class.
   *
   * @param broken told what a condition has thrown; that refuses
   */
  public boolean accepts(Throwable failure, Consumer<? super Throwable> broken) {
    requireBoth(failure, broken);
    return conditions.stream().allMatch(condition -> accepts(condition, failure, broken));
  }

  /** Whether this failure may be tried again after {@code attempt} attempts have failed. */
  public boolean allows(Throwable failure, int attempt) {
    return allows(failure, attempt, broken -> {});
  }

  /**
   * The same.
   *
   * @param broken told what a condition has thrown; that refuses
   */
  public boolean allows(Throwable failure, int attempt, Consumer<? super Throwable> broken) {
    requireBoth(failure, broken);
    return attempt < maxAttempts && isRetryable(failure, broken);
  }

  /**
   * Whether the execution is parked after {@code attempt} attempts have failed, because only the
   * number of attempts forbids another one.
   *
   * @param broken told what a condition has thrown; that refuses
   */
  public boolean parks(Throwable failure, int attempt, Consumer<? super Throwable> broken) {
    requireBoth(failure, broken);
    return parks && attempt >= maxAttempts && isRetryable(failure, broken);
  }

  private static void requireBoth(Throwable failure, Consumer<? super Throwable> broken) {
    Objects.requireNonNull(failure, "failure");
    Objects.requireNonNull(broken, "broken");
  }

  private boolean isRetryable(Throwable failure, Consumer<? super Throwable> broken) {
    return failure instanceof Exception
        && Causes.of(failure).stream().noneMatch(RetryPolicy::isFinal)
        && accepts(failure, broken);
  }

  /**
   * The wait after the given failed attempt.
   *
   * @param failure what the attempt threw
   * @param attempt the attempt that failed; the first is 1
   * @param random a number from 0 (inclusive) to 1 (exclusive), which places the wait inside the
   *     jitter
   */
  public Duration delay(Throwable failure, int attempt, double random) {
    Objects.requireNonNull(failure, "failure");
    for (Throwable cause : Causes.of(failure)) {
      if (cause instanceof RetryAfterException own) {
        return own.delay();
      }
    }
    return delay(attempt, random);
  }

  /**
   * The wait after the given failed attempt, whatever it threw.
   *
   * @param attempt the attempt that failed; the first is 1
   * @param random a number from 0 (inclusive) to 1 (exclusive), which places the wait inside the
   *     jitter
   */
  public Duration delay(int attempt, double random) {
    Duration wait = capped(backoff.delay(attempt));
    return jitter == 0
        ? wait
        : capped(
            Duration.ofNanos(
                (long) (TimeUnit.NANOSECONDS.convert(wait) * (1 + jitter * (2 * random - 1)))));
  }

  private static boolean isFinal(Throwable failure) {
    return failure instanceof NonRetryableException || failure instanceof JsonException;
  }

  private Duration capped(Duration wait) {
    return wait.compareTo(cap) > 0 ? cap : wait;
  }

  @SuppressWarnings("ReferenceEquality") // A failure cannot suppress itself; identity is meant.
  private static boolean accepts(
      Predicate<? super Throwable> condition,
      Throwable failure,
      Consumer<? super Throwable> broken) {
    try {
      return condition.test(failure);
    } catch (Throwable thrown) {
      if (thrown != failure) {
        failure.addSuppressed(thrown);
      }
      broken.accept(thrown);
      return false;
    }
  }

  @Override
  public String toString() {
    String end = parks ? ", then park]" : "]";
    return maxAttempts == 1
        ? "RetryPolicy[none" + end
        : "RetryPolicy["
            + backoff
            + ", maxAttempts="
            + maxAttempts
            + ", cap="
            + cap
            + ", jitter="
            + jitter
            + (limit == null ? "" : ", within=" + limit)
            + end;
  }
}
