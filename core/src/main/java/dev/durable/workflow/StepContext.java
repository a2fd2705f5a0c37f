package dev.durable.workflow;

import java.util.function.Consumer;

/**
 * What a step's body knows about itself and its execution, and what it can do: remember effects,
 * wait, start children, and say how what it did is undone. Valid while the body runs; its methods
 * may be called from threads that the body starts and waits for.
 *
 * @param <I> the workflow's input
 */
public interface StepContext<I>
    extends AttemptContext<I>, EffectOperations<I>, WaitOperations, ChildOperations {

  /**
   * Says how something is undone that is no effect of this body: a wait's answer, a child, or what
   * several effects did together. Committed before this method returns, and undone in its turn, as
   * an effect that is done here; {@link EffectOptions#compensate} says the same of an effect, with
   * which it is committed.
   *
   * @param name unique within this step; also what people see
   * @param undo has nothing to hand on, and may use whatever the body knows here
   * @throws IllegalStateException if this body has already asked for that name in this run, or is
   *     at most once: it is never entered again
   * @throws IllegalArgumentException if the name is not that of a node
   */
  void onCompensate(
      String name, CompensationAction undo, Consumer<? super CompensationOptions> with);

  /** {@link #onCompensate(String, CompensationAction, Consumer)} without options. */
  default void onCompensate(String name, CompensationAction undo) {
    onCompensate(name, undo, with -> {});
  }
}
