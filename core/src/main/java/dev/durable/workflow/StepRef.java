package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.Objects;

/**
 * A typed reference to a step's result, for {@link StepContext#result(StepRef)}.
 *
 * @param path the step's path in the definition, such as {@code price}
 * @param type the type to read it as
 * @param <R> the type
 */
public record StepRef<R>(String path, TypeRef<R> type) {

  /** Checks that nothing is null. */
  public StepRef {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(type, "type");
  }

  /** A reference to the step at this path. */
  public static <R> StepRef<R> of(String path, Class<R> type) {
    return new StepRef<>(path, TypeRef.of(type));
  }

  /** A reference to the step at this path. */
  public static <R> StepRef<R> of(String path, TypeRef<R> type) {
    return new StepRef<>(path, type);
  }
}
