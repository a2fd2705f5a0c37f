package dev.durable.internal.engine.run;

import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a body says about being undone when it is entered for nothing else: it does nothing, and is
 * left once all that is wanted is known, or at the first call that is not remembered. Used by all
 * threads of the body.
 */
public final class UndoCollection {

  private final Set<String> wanted;
  private final Map<String, Undo> undos = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable String> end = new AtomicReference<>();

  /**
   * @param wanted the paths of what is to be undone
   */
  public UndoCollection(Set<String> wanted) {
    this.wanted = Set.copyOf(wanted);
  }

  /**
   * How an effect is undone.
   *
   * @param how its compensation
   * @param type the type of its result
   */
  public record Undo(Compensation<?> how, TypeRef<?> type) {}

  /** Adds how the effect at a path is undone. */
  void add(String path, Undo undo) {
    undos.put(path, undo);
  }

  /** Whether all that is wanted is known. */
  boolean isComplete() {
    return undos.keySet().containsAll(wanted);
  }

  /** How the effect at a path is undone; null if the body did not say. */
  public @Nullable Undo at(String path) {
    return undos.get(path);
  }

  /**
   * The body has ended.
   *
   * @param how as the end of a sentence about it; the first one counts
   */
  public void ends(String how) {
    end.compareAndSet(null, how);
  }

  /** How the body ended, as the end of a sentence. */
  public String end() {
    String known = end.get();
    return known == null ? "came to its end" : known;
  }
}
