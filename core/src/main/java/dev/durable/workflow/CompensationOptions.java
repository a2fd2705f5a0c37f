package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a compensation is run. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 */
public final class CompensationOptions {

  private final Form form = new Form();
  private RetryPolicy retry = RetryPolicy.none();
  private @Nullable Duration timeout;

  private CompensationOptions() {}

  static CompensationOptions of(Consumer<? super CompensationOptions> with) {
    CompensationOptions options = new CompensationOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * Whether and when a failed attempt is repeated. Default {@link RetryPolicy#none()}. {@link
   * RetryPolicy#thenPark()} has no effect here: the execution ends as {@code compensation_failed}.
   */
  public CompensationOptions retry(RetryPolicy policy) {
    form.requireOpen();
    this.retry = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * The longest time that one attempt may take. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public CompensationOptions timeout(Duration limit) {
    form.requireOpen();
    this.timeout = Workflow.requirePositive(limit, "compensation timeout");
    return this;
  }

  /**
   * The compensation that has these options.
   *
   * @param type of what it undoes, or null for the node's own
   */
  <R> Compensation<R> compensation(
      String name, @Nullable TypeRef<R> type, CompensationBody<? super R> body) {
    return new Compensation<>(
        Objects.requireNonNull(name, "name"),
        type,
        Objects.requireNonNull(body, "undo"),
        retry,
        timeout);
  }
}
