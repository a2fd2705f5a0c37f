package dev.durable.internal.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The causes of a throwable, even of a hostile one. */
public final class Causes {

  private static final int MOST = 1_000;

  private Causes() {}

  /** The throwable and its causes, the outermost first; each once, even in a circle. */
  public static List<Throwable> of(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> chain = new ArrayList<>();
    for (Throwable next = failure;
        next != null && chain.size() < MOST && seen.add(next);
        next = causeOf(next)) {
      chain.add(next);
    }
    return chain;
  }

  /** Whether the throwable or a cause is of that class. */
  public static boolean has(Throwable failure, Class<? extends Throwable> type) {
    return of(failure).stream().anyMatch(type::isInstance);
  }

  private static @Nullable Throwable causeOf(Throwable failure) {
    try {
      return failure.getCause();
    } catch (Throwable hostile) {
      return null;
    }
  }
}
