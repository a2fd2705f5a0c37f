package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * How a child for each item is called, and undone. A form: it can be changed until the lambda that
 * receives it has returned. Not thread-safe.
 *
 * @param <O> what the node hands on
 */
public final class CallEachOptions<O> extends LoopOptions<O, CallEachOptions<O>> {

  private final ChildOptions child = new ChildOptions();

  private CallEachOptions() {}

  static <O> CallEachOptions<O> of(Consumer<? super CallEachOptions<O>> with) {
    return new CallEachOptions<O>().filledBy(with);
  }

  /** The queue that they run in. Default: that of their workflow. */
  public CallEachOptions<O> queue(String name) {
    requireOpen();
    child.queue(name);
    return this;
  }

  /** Higher goes first. Default: the parent's. */
  public CallEachOptions<O> priority(int level) {
    requireOpen();
    child.priority(level);
    return this;
  }

  /** A label to search by. */
  public CallEachOptions<O> tag(String name, String value) {
    requireOpen();
    child.tag(name, value);
    return this;
  }

  /**
   * What becomes of them when the parent fails, is cancelled or times out. Default {@link
   * ParentClosePolicy#CANCEL}. A parent that completes leaves them alone.
   */
  public CallEachOptions<O> onParentClose(ParentClosePolicy policy) {
    requireOpen();
    child.onParentClose(policy);
    return this;
  }

  /** Fills in the options of one child's call. */
  void giveTo(CallOptions<?, ?> call) {
    child.giveTo(call.child());
  }
}
