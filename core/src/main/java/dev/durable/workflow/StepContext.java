package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a step's body knows about itself and its execution, and what it can do: remember effects,
 * wait, start children, do several things at once, save its progress, and say how what it did is
 * undone. Valid while the body runs; its methods may be called from threads that the body starts
 * and waits for.
 *
 * @param <I> the workflow's input
 */
public interface StepContext<I>
    extends AttemptContext<I>,
        EffectOperations<I>,
        WaitOperations,
        ChildOperations,
        ForkOperations<I> {

  /**
   * Saves how far the body has come, so that its next attempt can go on from there: after a
   * failure, a wait, a crash or an operator's retry. Each value replaces the one before, in one row
   * of the history; it has been committed when this returns. A commit takes about a millisecond or
   * more: save after a portion of work, not after each item.
   *
   * @param value any value that the codec can write and read back; it is read as the type that
   *     {@link #progress(TypeRef)} names
   * @throws dev.durable.json.JsonException if the codec cannot write it
   * @throws IllegalStateException inside an effect with a transaction, a retry policy or a limit
   */
  void progress(Object value);

  /**
   * The value that this body saved last, in this or an earlier attempt; empty if there is none. A
   * value that does not fit the type parks the execution as unreadable, whatever the body does
   * about it.
   *
   * @throws IllegalStateException inside an effect with a transaction, a retry policy or a limit
   */
  <P> Optional<P> progress(TypeRef<P> type);

  /** {@link #progress(TypeRef)} for a class. */
  default <P> Optional<P> progress(Class<P> type) {
    return progress(TypeRef.of(type));
  }

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
