package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.ArrayList;
import java.util.List;
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
   * lower case for an enum, else the value's text. What cannot stand in a path is written as in
   * {@code N%2FA}, and where two cases would have one name, both say their type: {@code
   * String:null}.
   */
  public Cases<I, T, K, R> when(@Nullable K value, PathDefinition<I, T, R> path) {
    return add(value, path);
  }

  /**
   * A case for the instances of a class. Its path is named after the class, in full where two cases
   * would have one name.
   */
  public Cases<I, T, K, R> when(Class<? extends K> subtype, PathDefinition<I, T, R> path) {
    Objects.requireNonNull(subtype, "subtype");
    return add(subtype, path);
  }

  private Cases<I, T, K, R> add(@Nullable Object value, PathDefinition<I, T, R> path) {
    cases.add(new Node.Case(value, empty.path(CaseNames.plain(value), type, path)));
    return this;
  }

  /** What runs when no case matches. Its path is called {@code otherwise}. */
  public Cases<I, T, K, R> otherwise(PathDefinition<I, T, R> path) {
    otherwise = empty.path(CaseNames.OTHERWISE, type, path);
    return this;
  }

  List<Node.Case> cases() {
    return new CaseNames(cases, otherwise).unique();
  }

  Node.@Nullable Sequence fallback() {
    return otherwise;
  }
}
