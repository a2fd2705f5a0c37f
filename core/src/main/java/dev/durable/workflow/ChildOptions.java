package dev.durable.workflow;

import dev.durable.internal.form.Form;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an execution starts another one. A form: it can be changed until the lambda that receives it
 * has returned. Not thread-safe.
 */
public final class ChildOptions {

  private final Form form = new Form();
  private @Nullable String key;
  private @Nullable String queue;
  private @Nullable Integer priority;
  private @Nullable String limitKey;
  private ParentClosePolicy closePolicy = ParentClosePolicy.CANCEL;
  private final Map<String, String> tags = new LinkedHashMap<>();

  /** The parent's priority and limit key, cancelled with its parent. */
  ChildOptions() {}

  /** The options that the lambda fills in. */
  public static ChildOptions of(Consumer<? super ChildOptions> with) {
    ChildOptions options = new ChildOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * A business key of its own, unique among the executions of its workflow, as that of a start. A
   * key that another execution has, even one that has ended, fails with {@link
   * ChildKeyTakenException}: no other execution becomes a child. Only a child that has ended
   * without a result leaves its key, to the one that the same call starts instead after an
   * operator's retry.
   */
  public ChildOptions key(String businessKey) {
    form.requireOpen();
    this.key = Objects.requireNonNull(businessKey, "businessKey");
    return this;
  }

  /**
   * The queue it runs in. Default: that of its workflow; if that names none, the parent's, if the
   * worker that runs the parent has the workflow as well and the queue does not count waiting
   * executions.
   */
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
   * What it counts by in a queue with limits for each key: {@link
   * dev.durable.StartOptions#limitKey}. Default: the parent's.
   */
  public ChildOptions limitKey(String key) {
    form.requireOpen();
    this.limitKey = Objects.requireNonNull(key, "key");
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

  /**
   * Fills in another form with the same, and with what is made of data.
   *
   * @param key makes the key, or null
   * @param limitKey makes the limit key, or null
   */
  static <T> Consumer<ChildOptions> giving(
      ChildOptions child,
      @Nullable StepFunction<? super T, String> key,
      @Nullable StepFunction<? super T, String> limitKey,
      T data)
      throws Exception {
    String made = made(key, data, "the key of a child");
    String counted = made(limitKey, data, "the limit key of a child");
    return other -> {
      child.giveTo(other);
      if (made != null) {
        other.key(made);
      }
      if (counted != null) {
        other.limitKey(counted);
      }
    };
  }

  private static <T> @Nullable String made(
      @Nullable StepFunction<? super T, String> function, T data, String what) throws Exception {
    return function == null ? null : Objects.requireNonNull(function.apply(data), what);
  }

  /** Fills in another form with the same. */
  void giveTo(ChildOptions other) {
    if (key != null) {
      other.key(key);
    }
    if (queue != null) {
      other.queue(queue);
    }
    if (priority != null) {
      other.priority(priority);
    }
    if (limitKey != null) {
      other.limitKey(limitKey);
    }
    other.onParentClose(closePolicy);
    tags.forEach(other::tag);
  }

  /** The business key, or null. */
  public @Nullable String key() {
    return key;
  }

  /** The queue, or null for the default. */
  public @Nullable String queue() {
    return queue;
  }

  /** The priority, or null for the parent's. */
  public @Nullable Integer priority() {
    return priority;
  }

  /** The limit key, or null for the parent's. */
  public @Nullable String limitKey() {
    return limitKey;
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
