package dev.durable.workflow;

import dev.durable.internal.form.Form;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an execution starts another one. A form: it can be changed until the lambda that receives it
 * has returned. Not thread-safe.
 */
public final class ChildOptions {

  private final Form form = new Form();
  private @Nullable Duration timeout;
  private @Nullable String queue;
  private @Nullable Integer priority;
  private ParentClosePolicy closePolicy = ParentClosePolicy.CANCEL;
  private final Map<String, String> tags = new LinkedHashMap<>();

  /** The child's own queue, the parent's priority, no limit, cancelled with its parent. */
  private ChildOptions() {}

  /** The options that the lambda fills in. */
  public static ChildOptions of(Consumer<? super ChildOptions> with) {
    ChildOptions options = new ChildOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * How long the parent waits for the child; then the child is cancelled. Default: no limit. Only
   * for a call.
   *
   * @throws IllegalArgumentException if not positive
   */
  public ChildOptions timeout(Duration limit) {
    form.requireOpen();
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("timeout must be positive: " + limit);
    }
    this.timeout = limit;
    return this;
  }

  /** The queue it runs in. Default: that of its workflow. */
  public ChildOptions queue(String name) {
    form.requireOpen();
    this.queue = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Higher goes first. Default: the parent's. */
  public ChildOptions priority(int level) {
    form.requireOpen();
    this.priority = level;
    return this;
  }

  /**
   * What becomes of it when the parent fails, is cancelled or times out. Default {@link
   * ParentClosePolicy#CANCEL}. A parent that completes leaves it alone.
   */
  public ChildOptions onParentClose(ParentClosePolicy policy) {
    form.requireOpen();
    this.closePolicy = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /** A label to search by. */
  public ChildOptions tag(String name, String value) {
    form.requireOpen();
    tags.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /** The limit, if there is one. */
  public Optional<Duration> limit() {
    return Optional.ofNullable(timeout);
  }

  /** The queue, or null for the workflow's. */
  public @Nullable String queue() {
    return queue;
  }

  /** The priority, or null for the parent's. */
  public @Nullable Integer priority() {
    return priority;
  }

  /** The policy. */
  public ParentClosePolicy closePolicy() {
    return closePolicy;
  }

  /** The tags. */
  public Map<String, String> tags() {
    return Map.copyOf(tags);
  }
}
