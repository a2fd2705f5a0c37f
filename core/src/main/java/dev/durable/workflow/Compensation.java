package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a step, or an effect inside a step, is undone. Immutable: each method returns a changed copy.
 *
 * @param <R> what is undone
 */
public final class Compensation<R> {

  private final String name;
  private final @Nullable TypeRef<R> type;
  private final CompensationBody<? super R> body;
  private final RetryPolicy retry;
  private final @Nullable Duration timeout;

  private Compensation(
      String name,
      @Nullable TypeRef<R> type,
      CompensationBody<? super R> body,
      RetryPolicy retry,
      @Nullable Duration timeout) {
    this.name = Objects.requireNonNull(name, "name");
    this.type = type;
    this.body = Objects.requireNonNull(body, "body");
    this.retry = retry;
    this.timeout = timeout;
  }

  static <R> Compensation<R> of(
      String name, @Nullable TypeRef<R> type, CompensationBody<? super R> body) {
    return new Compensation<>(name, type, body, RetryPolicy.none(), null);
  }

  /** Whether and when a failed attempt is repeated. Default {@link RetryPolicy#none()}. */
  public Compensation<R> retry(RetryPolicy policy) {
    return new Compensation<>(name, type, body, Objects.requireNonNull(policy, "policy"), timeout);
  }

  /**
   * The longest time that one attempt may take. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public Compensation<R> timeout(Duration limit) {
    return new Compensation<>(
        name, type, body, retry, Workflow.requirePositive(limit, "compensation timeout"));
  }

  /** Its name, for people. */
  public String name() {
    return name;
  }

  /** The type of what it undoes; empty if it is the step's own. */
  public Optional<TypeRef<R>> type() {
    return Optional.ofNullable(type);
  }

  /** Its work. */
  public CompensationBody<? super R> body() {
    return body;
  }

  /** Whether and when a failed attempt is repeated. */
  public RetryPolicy retryPolicy() {
    return retry;
  }

  /** The longest time that one attempt may take, if limited. */
  public Optional<Duration> timeoutLimit() {
    return Optional.ofNullable(timeout);
  }
}
