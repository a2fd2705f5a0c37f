package dev.durable.internal.form;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * The state of a form, an object whose methods fill it in: open while the lambda runs that receives
 * it, closed from then on. A block that forgets to return it loses nothing, and code that keeps it
 * for later changes nothing. Not thread-safe.
 */
public final class Form {

  private boolean closed;

  /**
   * Checks that the form may be changed; each method that changes one begins with this.
   *
   * @throws IllegalStateException if the lambda that received the form has returned
   */
  public void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "Options can be changed only inside the lambda that receives them, and it has returned.");
    }
  }

  /** Lets the lambda fill in the form that has this state, and closes it. */
  public <F> F filledIn(F form, Consumer<? super F> with) {
    Objects.requireNonNull(with, "with");
    try {
      with.accept(form);
    } finally {
      closed = true;
    }
    return form;
  }
}
