package dev.durable.workflow;

import dev.durable.internal.form.Form;
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
   * @param before what the same form has already: it can have one
   */
  static <R> Compensation<R> only(
      @Nullable Compensation<?> before,
      String name,
      CompensationBody<? super R> undo,
      Consumer<? super CompensationOptions> with) {
    Objects.requireNonNull(name, "name");
    if (before != null) {
      throw new IllegalStateException(
          "These options have the compensation '"
              + before.name()
              + "' already: '"
              + name
              + "' would take its place. Do both in one.");
    }
    return compensation(name, undo, with);
  }

  /** The compensation that has the options of the lambda. */
  public static <R> Compensation<R> compensation(
      String name, CompensationBody<? super R> undo, Consumer<? super CompensationOptions> with) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(undo, "undo");
    CompensationOptions options = of(with);
    return new Compensation<>(name, undo, options.retry, options.timeout);
  }
}
