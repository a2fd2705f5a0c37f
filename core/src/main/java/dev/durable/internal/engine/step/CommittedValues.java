package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.ParkedError;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.StepRef;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The committed values that a body reads: the execution's input, and results of earlier steps. */
final class CommittedValues {

  private final BodyScope scope;
  private final RunState run;

  CommittedValues(BodyScope scope) {
    this.scope = scope;
    this.run = scope.run();
  }

  /**
   * The execution's input.
   *
   * @throws ParkedError if it cannot be read
   */
  Object input() {
    return scope.readable(
        "The input", () -> scope.decode(run.claimed().input(), run.workflow().input()));
  }

  /**
   * The result of an earlier step.
   *
   * @throws IllegalStateException if it has none
   * @throws ParkedError if it cannot be read
   */
  <R> R result(StepRef<R> step) {
    Objects.requireNonNull(step, "step");
    String json = json(step.path());
    if (json == null) {
      throw new IllegalStateException(
          "Step '"
              + step.path()
              + "' of execution "
              + run.id()
              + " has no committed result. Only results of earlier steps can be read.");
    }
    return scope.readable(
        "The result of '" + step.path() + "'", () -> scope.decode(json, step.type()));
  }

  /** The result at that path, or of the step in the same item or round as this body; or null. */
  private @Nullable String json(String step) {
    String json = run.history().result(step);
    return json != null
        ? json
        : run.history().result(NodePath.beside(step, scope.attempt().path()));
  }
}
