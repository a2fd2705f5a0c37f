package dev.durable.internal.engine.step;

import dev.durable.internal.thread.CurrentContext;
import dev.durable.workflow.AttemptContext;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The call of an effect, which the thread that runs it is inside of. */
final class EffectScope {

  private static final ThreadLocal<@Nullable EffectScope> HERE = new ThreadLocal<>();

  private final BodyScope body;
  private final String path;
  private final boolean closed;
  private volatile boolean over;

  /**
   * @param closed whether its code may make no other calls of the body
   */
  EffectScope(BodyScope body, String path, boolean closed) {
    this.body = body;
    this.path = path;
    this.closed = closed;
  }

  /** The innermost effect of a body that the current thread is inside of, or null. */
  static @Nullable EffectScope current(BodyScope body) {
    EffectScope here = HERE.get();
    return here != null && here.body == body ? here : null;
  }

  String path() {
    return path;
  }

  /** Whether its code may make no other calls of the body. */
  boolean isClosed() {
    return closed;
  }

  /** Whether its time is up: its code no longer counts. */
  boolean isOver() {
    return over;
  }

  /** Its time is up. */
  void ends() {
    over = true;
  }

  /** Calls its code, on whatever thread that is. */
  <R> R call(AttemptContext<?> context, Callable<? extends R> code) throws Exception {
    EffectScope outer = HERE.get();
    HERE.set(this);
    try {
      return CurrentContext.<R>with(context, code::call);
    } finally {
      if (outer == null) {
        HERE.remove();
      } else {
        HERE.set(outer);
      }
    }
  }
}
