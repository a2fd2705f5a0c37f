package dev.durable.workflow;

import dev.durable.internal.form.Form;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a node starts a child. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 *
 * @param <T> what the node gets
 */
public final class ChildStartOptions<T> {

  private final Form form = new Form();
  private final ChildOptions child = new ChildOptions();
  private @Nullable StepFunction<? super T, String> key;
  private @Nullable StepFunction<? super T, String> limitKey;

  private ChildStartOptions() {}

  static <T> ChildStartOptions<T> of(Consumer<? super ChildStartOptions<T>> with) {
    ChildStartOptions<T> options = new ChildStartOptions<>();
    return options.form.filledIn(options, with);
  }

  /**
   * A business key of the child, made of the data; unique among the executions of the child's
   * workflow, as that of a start. A key that another execution has, even one that has ended, fails
   * with {@link ChildKeyTakenException}: no other execution becomes a child.
   */
  public ChildStartOptions<T> key(StepFunction<? super T, String> of) {
    form.requireOpen();
    this.key = Objects.requireNonNull(of, "of");
    return this;
  }

  /**
   * The queue that it runs in. Default: that of its workflow; if that names none, the parent's, if
   * the worker that runs the parent has the workflow as well and the queue does not count waiting
   * executions.
   */
  public ChildStartOptions<T> queue(String name) {
    form.requireOpen();
    child.queue(name);
    return this;
  }

  /** Higher goes first. Default: the parent's. */
  public ChildStartOptions<T> priority(int level) {
    form.requireOpen();
    child.priority(level);
    return this;
  }

  /**
   * What it counts by in a queue with limits for each key, made of the data: {@link
   * dev.durable.StartOptions#limitKey}. Default: the parent's.
   */
  public ChildStartOptions<T> limitKey(StepFunction<? super T, String> of) {
    form.requireOpen();
    this.limitKey = Objects.requireNonNull(of, "of");
    return this;
  }

  /** A label to search by. */
  public ChildStartOptions<T> tag(String name, String value) {
    form.requireOpen();
    child.tag(name, value);
    return this;
  }

  /**
   * What becomes of it when the parent fails, is cancelled or times out. Default {@link
   * ParentClosePolicy#CANCEL}. A parent that completes leaves it alone.
   */
  public ChildStartOptions<T> onParentClose(ParentClosePolicy policy) {
    form.requireOpen();
    child.onParentClose(policy);
    return this;
  }

  /** The options of the child that this data starts. */
  Consumer<ChildOptions> child(T data) throws Exception {
    return ChildOptions.giving(child, key, limitKey, data);
  }
}
