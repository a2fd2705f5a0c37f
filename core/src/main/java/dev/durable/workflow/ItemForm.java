package dev.durable.workflow;

import dev.durable.internal.form.Form;
import java.util.function.Consumer;

/**
 * What forEach and callEach in a body can be given.
 *
 * @param <S> the form itself
 */
public abstract sealed class ItemForm<S extends ItemForm<S>> permits EachOptions, EachChildOptions {

  private final Form form = new Form();
  private int concurrency = LoopOptions.WITHOUT_LIMIT;
  private JoinPolicy policy = new JoinPolicy.FailFast();

  ItemForm() {}

  @SuppressWarnings("unchecked") // S is the form's own class.
  private S self() {
    return (S) this;
  }

  final S filledBy(Consumer<? super S> with) {
    return form.filledIn(self(), with);
  }

  final void requireOpen() {
    form.requireOpen();
  }

  /**
   * How many items may be begun and not ended, those included that wait for an event, a person, a
   * child or their next attempt; 1 runs them one after the other. By default all may, and the
   * bodies of 10 items run at once.
   *
   * <p>Of one execution at most 100 bodies run at once, whatever is said here.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public final S concurrency(int items) {
    requireOpen();
    this.concurrency = LoopOptions.requireConcurrency(items);
    return self();
  }

  /**
   * The first item that fails cancels the others and fails the whole. The default.
   *
   * <p>A failure that another attempt of the step may mend is not remembered: the step's retry
   * policy decides, and that item runs again in the next attempt.
   */
  public final S failFast() {
    return joined(new JoinPolicy.FailFast());
  }

  /** All items run to their end; the results say which of them failed. */
  public final S completeAll() {
    return joined(new JoinPolicy.CompleteAll());
  }

  private S joined(JoinPolicy by) {
    requireOpen();
    this.policy = by;
    return self();
  }

  /** How the items are run. */
  public final LoopSettings loop() {
    return LoopOptions.settings(concurrency, policy);
  }
}
