package dev.durable.workflow;

import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Other executions that a body starts, each once, whatever happens. Names and errors are those of
 * {@link WaitOperations}.
 */
public interface ChildOperations {

  /** Starts another execution under its workflow's name, and waits for its result. */
  default <J, X> X call(Workflow<J, X> child, J input) {
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

  /** Starts another execution under its workflow's name, and goes on. */
  default <J> UUID start(Workflow<J, ?> child, J input) {
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
