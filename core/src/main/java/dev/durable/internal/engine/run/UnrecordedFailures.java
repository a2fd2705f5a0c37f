package dev.durable.internal.engine.run;

import dev.durable.internal.text.Causes;
import dev.durable.internal.text.StorableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last failures of effects without a retry policy, which leave no row: their bodies get them as
 * they are. Used by all threads of a run.
 */
public final class UnrecordedFailures {

  private final Map<String, Throwable> latest = new ConcurrentHashMap<>();

  /** Notes the failure of the effect at a path. */
  public void failed(String path, Throwable failure) {
    latest.put(path, failure);
  }

  @SuppressWarnings("ReferenceEquality") // The same failure, not one like it.
  private static boolean isSame(Throwable one, Throwable other) {
    return one == other;
  }

  /**
   * The calls of a body because of which it has failed: their paths, or the ids of children.
   *
   * @param body its own path: an effect that is a part of a fork has a row
   */
  public List<String> calls(String body, Throwable failure) {
    List<String> calls = new ArrayList<>(Failures.calls(failure));
    for (Throwable cause : Causes.of(failure)) {
      latest.forEach(
          (path, thrown) -> {
            if (isSame(thrown, cause) && !path.equals(body)) {
              calls.add(StorableText.storable(path));
            }
          });
    }
    return calls;
  }
}
