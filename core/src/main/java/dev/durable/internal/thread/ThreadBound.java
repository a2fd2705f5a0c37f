package dev.durable.internal.thread;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A value that the code on the present thread is inside of. Threads that this code starts do not
 * inherit it. To be held in a static field. Thread-safe.
 *
 * @param <T> the value
 */
public final class ThreadBound<T> {

  @SuppressWarnings("ThreadLocalUsage") // It is in a static field, as this object is.
  private final ThreadLocal<@Nullable T> here = new ThreadLocal<>();

  /** The innermost value; null if there is none. */
  public @Nullable T get() {
    return here.get();
  }

  /** Runs code inside of a value; afterwards the value around it is back. */
  public <R extends @Nullable Object> R with(T value, Callable<R> code) throws Exception {
    T outer = here.get();
    here.set(value);
    try {
      return code.call();
    } finally {
      if (outer == null) {
        here.remove();
      } else {
        here.set(outer);
      }
    }
  }
}
