package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects the cases of a branch. The first that matches is run. Used while the definition is
 * built, by one thread.
 *
 * @param <I> the workflow's input
 * @param <T> what every case gets
 * @param <K> what the selector returns
 * @param <R> what every case returns
 */
public final class Cases<I, T, K, R> {

  private final WorkflowBuilder<I, T> empty;
  private final TypeRef<R> type;
  private final List<Node.Case> cases = new ArrayList<>();
  private Node.@Nullable Sequence otherwise;

  Cases(WorkflowBuilder<I, T> empty, TypeRef<R> type) {
    this.empty = empty;
    this.type = type;
  }

  /**
   * A case for one value, also null. Its path is named after the value: the constant's name in
   * lower case for an enum, else the value's text.
   */
  public Cases<I, T, K, R> when(@Nullable K value, Path<I, T, R> path) {
    cases.add(new Node.Case(value, empty.path(label(value), type, path)));
    return this;
  }

  /** A case for the instances of a class. Its path is named after the class. */
  public Cases<I, T, K, R> when(Class<? extends K> subtype, Path<I, T, R> path) {
    Objects.requireNonNull(subtype, "subtype");
    cases.add(new Node.Case(subtype, empty.path(subtype.getSimpleName(), type, path)));
    return this;
  }

  /** What runs when no case matches. Its path is called {@code otherwise}. */
  public Cases<I, T, K, R> otherwise(Path<I, T, R> path) {
    otherwise = empty.path("otherwise", type, path);
    return this;
  }

  private static String label(@Nullable Object value) {
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT)
        : String.valueOf(value);
  }

  List<Node.Case> cases() {
    return List.copyOf(cases);
  }

  Node.@Nullable Sequence fallback() {
    return otherwise;
  }
}
