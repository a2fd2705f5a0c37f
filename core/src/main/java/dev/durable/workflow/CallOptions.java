package dev.durable.workflow;

import dev.durable.wait.WaitOutcome;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a child is called. A form: it can be changed until the lambda that receives it has returned.
 * Not thread-safe.
 *
 * @param <T> what the node gets
 * @param <O> what it hands on
 */
public final class CallOptions<T, O> extends WaitOptions<T, O, CallOptions<T, O>> {

  private final ChildOptions child = new ChildOptions();
  private @Nullable StepFunction<? super T, String> key;
  private @Nullable StepFunction<? super T, String> limitKey;
  private @Nullable Into<? super T, ChildFailedException, ? extends O> onFailure;

  private CallOptions() {}

  static <T, O> CallOptions<T, O> of(Consumer<? super CallOptions<T, O>> with) {
    return new CallOptions<T, O>().filledBy(with);
  }

  /** What the node hands on when the child has ended without a result. Default: it fails. */
  public CallOptions<T, O> onFailure(Into<? super T, ChildFailedException, ? extends O> instead) {
    requireOpen();
    this.onFailure = Objects.requireNonNull(instead, "instead");
    return this;
  }

  /**
   * A business key of the child, made of the data; unique among the executions of the child's
   * workflow, as that of a start. A key that another execution has, even one that has ended, fails
   * with {@link ChildKeyTakenException}: no other execution becomes a child. Only a child that has
   * ended without a result leaves its key, to the one that the same call starts instead after an
   * operator's retry.
   */
  public CallOptions<T, O> key(StepFunction<? super T, String> of) {
    requireOpen();
    this.key = Objects.requireNonNull(of, "of");
    return this;
  }

  /**
   * The queue that it runs in. Default: that of its workflow; if that names none, the parent's, if
   * the worker that runs the parent has the workflow as well and the queue does not count waiting
   * executions.
   */
  public CallOptions<T, O> queue(String name) {
    requireOpen();
    child.queue(name);
    return this;
  }

  /** Higher goes first. Default: the parent's. */
  public CallOptions<T, O> priority(int level) {
    requireOpen();
    child.priority(level);
    return this;
  }

  /**
   * What it counts by in a queue with limits for each key, made of the data: {@link
   * dev.durable.StartOptions#limitKey}. Default: the parent's.
   */
  public CallOptions<T, O> limitKey(StepFunction<? super T, String> of) {
    requireOpen();
    this.limitKey = Objects.requireNonNull(of, "of");
    return this;
  }

  /** A label to search by. */
  public CallOptions<T, O> tag(String name, String value) {
    requireOpen();
    child.tag(name, value);
    return this;
  }

  /**
   * What becomes of it when the parent fails, is cancelled or times out. Default {@link
   * ParentClosePolicy#CANCEL}. A parent that completes leaves it alone.
   */
  public CallOptions<T, O> onParentClose(ParentClosePolicy policy) {
    requireOpen();
    child.onParentClose(policy);
    return this;
  }

  /** The options of the child itself, but for its key. */
  ChildOptions child() {
    return child;
  }

  /** The options of the child that this data calls. */
  Consumer<ChildOptions> child(T data) throws Exception {
    return ChildOptions.giving(child, key, limitKey, data);
  }

  @Override
  <V> O handOn(
      T data, Endless<V> call, Limited<V> limited, Into<? super T, ? super V, ? extends O> into)
      throws Exception {
    WaitOutcome<V> outcome;
    try {
      outcome = outcome(data, call, limited);
    } catch (ChildFailedException failure) {
      if (onFailure == null) {
        throw failure;
      }
      return onFailure.into(data, failure);
    }
    return handOn(data, outcome, into);
  }
}
