package dev.durable.testkit;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a body says about being undone when it is entered for nothing else: it is left once all that
 * is wanted is known, or at the first call that is not remembered.
 */
final class DryCollection {

  private final Set<String> wanted;
  private final Map<String, DryUndoing.Handler> undos = new HashMap<>();

  /**
   * @param wanted the paths of what is to be undone
   */
  DryCollection(Set<String> wanted) {
    this.wanted = wanted;
  }

  void add(String path, DryUndoing.Handler undo) {
    undos.put(path, undo);
  }

  boolean isComplete() {
    return undos.keySet().containsAll(wanted);
  }

  DryUndoing.@Nullable Handler at(String path) {
    return undos.get(path);
  }
}
