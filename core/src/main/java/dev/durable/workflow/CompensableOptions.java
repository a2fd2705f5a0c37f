package dev.durable.workflow;

import dev.durable.internal.form.Form;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What every node that has an effect outside can be given. A form: it can be changed until the
 * lambda that receives it has returned. Not thread-safe.
 *
 * @param <O> what the node hands on
 * @param <S> the form itself
 */
public abstract sealed class CompensableOptions<O, S extends CompensableOptions<O, S>>
    permits WorkOptions, WaitOptions, ParallelOptions, LoopOptions {

  private final Form form = new Form();
  private @Nullable Compensation<O> undo;

  CompensableOptions() {}

  @SuppressWarnings("unchecked") // S is the form's own class.
  final S self() {
    return (S) this;
  }

  /** The form, filled in by the lambda and closed. */
  final S filledBy(Consumer<? super S> with) {
    return form.filledIn(self(), with);
  }

  /** Allows a change: each setter begins with this. */
  final void requireOpen() {
    form.requireOpen();
  }

  /**
   * How the node is undone when the execution fails after it has completed.
   *
   * @param name for people, such as {@code refund}
   * @param undo gets what the node handed on, also if {@code onTimeout}, {@code onCancel} or {@code
   *     onFailure} said what that is
   * @throws IllegalStateException if these options have a compensation already
   */
  public final S compensate(String name, CompensationFunction<? super O> undo) {
    return compensate(name, undo, with -> {});
  }

  /** {@link #compensate(String, CompensationFunction)} with retries and a timeout of its own. */
  public final S compensate(
      String name,
      CompensationFunction<? super O> undo,
      Consumer<? super CompensationOptions> with) {
    Objects.requireNonNull(undo, "undo");
    return compensate(name, (done, context) -> undo.undo(done), with);
  }

  /** {@link #compensate(String, CompensationFunction)} that also uses its context. */
  public final S compensate(String name, CompensationBody<? super O> undo) {
    return compensate(name, undo, with -> {});
  }

  /** {@link #compensate(String, CompensationBody)} with retries and a timeout of its own. */
  public final S compensate(
      String name, CompensationBody<? super O> undo, Consumer<? super CompensationOptions> with) {
    requireOpen();
    this.undo = CompensationOptions.only(this.undo, name, undo, with);
    return self();
  }

  final @Nullable Compensation<O> undo() {
    return undo;
  }
}
