package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a step, or an effect inside a step, is undone. A form: it can be changed until the lambda
 * that receives it has returned. Not thread-safe.
 *
 * @param <R> what is undone
 */
public final class Compensation<R> {

  private final Form form = new Form();
  private final String name;
  private final @Nullable TypeRef<R> type;
  private final CompensationBody<? super R> body;
  private RetryPolicy retry = RetryPolicy.none();
  private @Nullable Duration timeout;

  private Compensation(String name, @Nullable TypeRef<R> type, CompensationBody<? super R> body) {
    this.name = Objects.requireNonNull(name, "name");
    this.type = type;
    this.body = Objects.requireNonNull(body, "body");
  }

  static <R> Compensation<R> of(
      String name,
      @Nullable TypeRef<R> type,
      CompensationBody<? super R> body,
      Consumer<? super Compensation<R>> with) {
    Compensation<R> compensation = new Compensation<>(name, type, body);
    return compensation.form.filledIn(compensation, with);
  }

  /**
   * Whether and when a failed attempt is repeated. Default {@link RetryPolicy#none()}. {@link
   * RetryPolicy#thenPark()} has no effect here: the execution ends as {@code compensation_failed}.
   */
  public Compensation<R> retry(RetryPolicy policy) {
    form.requireOpen();
    this.retry = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * The longest time that one attempt may take. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public Compensation<R> timeout(Duration limit) {
    form.requireOpen();
    this.timeout = Workflow.requirePositive(limit, "compensation timeout");
    return this;
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
