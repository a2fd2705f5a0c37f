package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a decision is made. A form: it can be changed until the lambda that receives it has returned.
 * Not thread-safe.
 */
public final class DecideOptions {

  private final Form form = new Form();
  private @Nullable RetryPolicy retry;
  private @Nullable Duration timeout;

  private DecideOptions() {}

  static DecideOptions of(Consumer<? super DecideOptions> with) {
    DecideOptions options = new DecideOptions();
    return options.form.filledIn(options, with);
  }

  /** Whether and when a failed attempt is repeated. Default: as the workflow's options say. */
  public DecideOptions retry(RetryPolicy policy) {
    form.requireOpen();
    this.retry = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * The longest time that one attempt may take; otherwise as {@link WorkOptions#timeout}.
   *
   * @throws IllegalArgumentException if not positive
   */
  public DecideOptions timeout(Duration limit) {
    form.requireOpen();
    this.timeout = Workflow.requirePositive(limit, "decision timeout");
    return this;
  }

  StepSettings settings(RetryPolicy ofWorkflow) {
    return new StepSettings(retry == null ? ofWorkflow : retry, timeout, false, null, null);
  }
}
