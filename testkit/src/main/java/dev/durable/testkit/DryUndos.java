package dev.durable.testkit;

import dev.durable.execution.StepType;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.CompensationAction;
import dev.durable.workflow.CompensationOptions;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How what a body has done is undone. */
record DryUndos(DryCalls calls) {

  void onCompensate(
      String name, CompensationAction undo, Consumer<? super CompensationOptions> with) {
    Objects.requireNonNull(undo, "undo");
    Compensation<Void> how =
        CompensationOptions.compensation(name, (none, context) -> undo.undo(context), with);
    String path = calls.once(name);
    take(path, TypeRef.of(Void.class), how);
    if (calls.run().history().result(path) != null) {
      return;
    }
    calls.attempt().requireDoing();
    calls.run().history().completed(path, StepType.EFFECT, 1, "null");
    commit(path, how);
  }

  /**
   * Takes down how the effect at a path is undone, if it is.
   *
   * @throws IllegalStateException if the body cannot be entered once more to undo it
   * @throws IllegalArgumentException if the name is not that of a node
   */
  void take(String path, TypeRef<?> type, @Nullable Compensation<?> how) {
    if (how == null) {
      return;
    }
    NodePath.requireHandler(path, how.name());
    String reason = reason();
    if (reason != null) {
      throw new IllegalStateException(
          "'" + path + "' cannot be undone by '" + how.name() + "': " + reason);
    }
    calls.attempt().collect(path, new DryUndoing.Handler(how, type));
  }

  /** The effect at a path has been done. */
  void commit(String path, @Nullable Compensation<?> how) {
    if (how != null) {
      String input = Objects.requireNonNullElse(calls.attempt().input(), calls.run().input());
      calls.run().history().undoneBy(path, new DryHistory.Undo(how.name(), input));
    }
  }

  private @Nullable String reason() {
    if (calls.attempt().type() == StepType.COMPENSATION) {
      return "it is part of a compensation, which is not undone itself.";
    }
    if (calls.attempt().isAtMostOnce()) {
      return "its at-most-once step is never begun twice, and undoing enters the body once more."
          + " Give the step itself a compensation.";
    }
    String around = calls.effectPath();
    return around == null
        ? null
        : "it is part of effect '"
            + around
            + "', which is passed by when the body is entered once more to undo it. Give that"
            + " effect a compensation, or have both in the body itself.";
  }
}
