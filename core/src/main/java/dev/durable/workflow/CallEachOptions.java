package dev.durable.workflow;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a child for each item is called, and undone. A form: it can be changed until the lambda that
 * receives it has returned. Not thread-safe.
 *
 * @param <J> an item: the input of a child
 * @param <O> what the node hands on
 */
public final class CallEachOptions<J, O> extends LoopOptions<O, CallEachOptions<J, O>> {

  private final ChildOptions child = new ChildOptions();
  private @Nullable StepFunction<? super J, String> key;
  private @Nullable StepFunction<? super J, String> limitKey;

  private CallEachOptions() {}

  static <J, O> CallEachOptions<J, O> of(Consumer<? super CallEachOptions<J, O>> with) {
    return new CallEachOptions<J, O>().filledBy(with);
  }

  /**
   * A business key of each child, made of its item; unique among the executions of the child's
   * workflow, as that of a start. A key that another execution has, even one that has ended, fails
   * with {@link ChildKeyTakenException}: no other execution becomes a child. Only a child that has
   * ended without a result leaves its key, to the one that the same call starts instead after an
   * operator's retry.
   */
  public CallEachOptions<J, O> key(StepFunction<? super J, String> of) {
    requireOpen();
    this.key = Objects.requireNonNull(of, "of");
    return this;
  }

  /**
   * The queue that they run in. Default: that of their workflow; if that names none, the parent's,
   * if the worker that runs the parent has the workflow as well and the queue does not count
   * waiting executions.
   */
  public CallEachOptions<J, O> queue(String name) {
    requireOpen();
    child.queue(name);
    return this;
  }

  /** Higher goes first. Default: the parent's. */
  public CallEachOptions<J, O> priority(int level) {
    requireOpen();
    child.priority(level);
    return this;
  }

  /**
   * What each of them counts by in a queue with limits for each key, made of its item: {@link
   * dev.durable.StartOptions#limitKey}. Default: the parent's.
   */
  public CallEachOptions<J, O> limitKey(StepFunction<? super J, String> of) {
    requireOpen();
    this.limitKey = Objects.requireNonNull(of, "of");
    return this;
  }

  /** A label to search by. */
  public CallEachOptions<J, O> tag(String name, String value) {
    requireOpen();
    child.tag(name, value);
    return this;
  }

  /**
   * What becomes of them when the parent fails, is cancelled or times out. Default {@link
   * ParentClosePolicy#CANCEL}. A parent that completes leaves them alone.
   */
  public CallEachOptions<J, O> onParentClose(ParentClosePolicy policy) {
    requireOpen();
    child.onParentClose(policy);
    return this;
  }

  /** Fills in the options of one child's call. */
  void giveTo(CallOptions<J, ?> call) {
    child.giveTo(call.child());
    if (key != null) {
      call.key(key);
    }
    if (limitKey != null) {
      call.limitKey(limitKey);
    }
  }
}
