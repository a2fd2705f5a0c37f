package dev.durable.internal.thread;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The context of the user's code that runs on the present thread. Threads that this code starts do
 * not inherit it.
 */
public final class CurrentContext {

  private static final ThreadLocal<@Nullable Object> HERE = new ThreadLocal<>();

  private CurrentContext() {}

  /** The innermost context; null if no code of the user runs here. */
  public static @Nullable Object get() {
    return HERE.get();
  }

  /** Runs the user's code in its context; afterwards the context around it is back. */
  public static <R extends @Nullable Object> R with(Object context, Callable<R> code)
      throws Exception {
    Object outer = HERE.get();
    HERE.set(context);
    try {
      return code.call();
    } finally {
      if (outer == null) {
        HERE.remove();
      } else {
        HERE.set(outer);
      }
    }
  }
}
