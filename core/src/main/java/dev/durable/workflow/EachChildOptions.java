package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * How a body calls a child for each item. A form: it can be changed until the lambda that receives
 * it has returned. Not thread-safe.
 */
public final class EachChildOptions extends ItemForm<EachChildOptions> {

  private final ChildOptions child = new ChildOptions();

  private EachChildOptions() {}

  /** The options that the lambda fills in. */
  public static EachChildOptions of(Consumer<? super EachChildOptions> with) {
    return new EachChildOptions().filledBy(with);
  }

  /**
   * The queue that they run in. Default: that of their workflow; if that names none, the parent's,
   * if the worker that runs the parent has the workflow as well and the queue does not count
   * waiting executions.
   */
  public EachChildOptions queue(String name) {
    requireOpen();
    child.queue(name);
    return this;
  }

  /** Higher goes first. Default: the parent's. */
  public EachChildOptions priority(int level) {
    requireOpen();
    child.priority(level);
    return this;
  }

  /**
   * What they count by in a queue with limits for each key: {@link
   * dev.durable.StartOptions#limitKey}. Default: the parent's.
   */
  public EachChildOptions limitKey(String key) {
    requireOpen();
    child.limitKey(key);
    return this;
  }

  /** A label to search by. */
  public EachChildOptions tag(String name, String value) {
    requireOpen();
    child.tag(name, value);
    return this;
  }

  /**
   * What becomes of them when the parent fails, is cancelled or times out. Default {@link
   * ParentClosePolicy#CANCEL}. A parent that completes leaves them alone.
   */
  public EachChildOptions onParentClose(ParentClosePolicy policy) {
    requireOpen();
    child.onParentClose(policy);
    return this;
  }

  /** How each of them is started. */
  public ChildOptions child() {
    return child;
  }
}
