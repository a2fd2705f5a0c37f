package dev.durable.workflow;

import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Other executions that a body starts, each once, whatever happens. Names and errors are those of
 * {@link WaitOperations}.
 */
public interface ChildOperations {

  /** Starts another execution under its workflow's name, and waits for its result. */
  default <J, X> X call(Workflow<J, X> child, J input) {
    Objects.requireNonNull(child, "child");
    return call(child.name(), child, input, with -> {});
  }

  /** Starts another execution, and waits for its result. */
  default <J, X> X call(String name, Workflow<J, X> child, J input) {
    return call(name, child, input, with -> {});
  }

  /**
   * Starts another execution, and waits for its result, however long it takes.
   *
   * @param with its key, queue, priority, tags and close policy
   * @throws ChildFailedException if it ended without a result
   * @throws ChildKeyTakenException if another execution has its key
   * @throws dev.durable.wait.WaitCancelledException if the wait was cancelled, and with it the
   *     child
   */
  <J, X> X call(String name, Workflow<J, X> child, J input, Consumer<? super ChildOptions> with);

  /** Starts another execution, and waits no longer than that; a child that is late is cancelled. */
  default <J, X> WaitOutcome<X> call(String name, Workflow<J, X> child, J input, Duration limit) {
    return call(name, child, input, limit, with -> {});
  }

  /**
   * Starts another execution, and waits no longer than that; a child that is late is cancelled.
   *
   * @throws ChildFailedException if it ended without a result
   * @throws ChildKeyTakenException if another execution has its key
   */
  <J, X> WaitOutcome<X> call(
      String name,
      Workflow<J, X> child,
      J input,
      Duration limit,
      Consumer<? super ChildOptions> with);

  /** {@link #callEach(String, Workflow, List, Consumer)} without options. */
  default <J, X> ItemResults<X> callEach(
      String name, Workflow<J, X> child, List<? extends J> items) {
    return callEach(name, child, items, with -> {});
  }

  /**
   * Starts another execution for each item, and waits for their results, however long they take. By
   * default the first that ends without a result cancels the others and fails the whole.
   *
   * <p>The list must be the same whenever this body is entered again: an execution whose list has
   * changed is parked.
   *
   * @param items what each of them gets; may be empty, and has no null
   * @param with how many at once, when the whole is done, and how they are started
   * @return how they ended, in the order of the items
   * @throws BranchFailedException if one ended without a result, unless all are to run to their end
   * @throws dev.durable.retry.NonRetryableException if an item is null
   */
  <J, X> ItemResults<X> callEach(
      String name,
      Workflow<J, X> child,
      List<? extends J> items,
      Consumer<? super EachChildOptions> with);

  /** Starts another execution under its workflow's name, and goes on. */
  default <J> UUID start(Workflow<J, ?> child, J input) {
    Objects.requireNonNull(child, "child");
    return start(child.name(), child, input, with -> {});
  }

  /** Starts another execution, and goes on. */
  default <J> UUID start(String name, Workflow<J, ?> child, J input) {
    return start(name, child, input, with -> {});
  }

  /**
   * Starts another execution, and goes on.
   *
   * @return its id
   * @throws ChildKeyTakenException if another execution has its key
   */
  <J> UUID start(String name, Workflow<J, ?> child, J input, Consumer<? super ChildOptions> with);
}
