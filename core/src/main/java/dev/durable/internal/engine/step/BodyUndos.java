package dev.durable.internal.engine.step;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.UndoCollection;
import dev.durable.internal.store.journal.RecordedUndo;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.CompensationAction;
import dev.durable.workflow.CompensationOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How what a body has done is undone. The row of an effect names the compensation, and says what
 * the body got; the compensation itself is known again when the body is entered once more.
 */
final class BodyUndos {

  private final BodyScope scope;
  private final RunState run;
  private final Attempt attempt;

  BodyUndos(BodyScope scope) {
    this.scope = scope;
    this.run = scope.run();
    this.attempt = scope.attempt();
  }

  /** Something is undone that is no effect: a row of its own says so. */
  void onCompensate(
      String name, CompensationAction undo, Consumer<? super CompensationOptions> with) {
    Objects.requireNonNull(undo, "undo");
    Compensation<Void> how =
        CompensationOptions.compensation(name, (none, context) -> undo.undo(context), with);
    String path = scope.once(name);
    RecordedUndo recorded = of(path, TypeRef.of(Void.class), how);
    scope.requireFree(path, Purpose.UNDO);
    if (run.history().facts().json(path) != null) {
      return;
    }
    attempt.requireDoing(path);
    scope.requireWanted();
    JsonValue mark = JsonValue.of(Purpose.UNDO_JSON);
    StepRow row = scope.row(path, StepType.EFFECT, mark, Duration.ZERO).undoneBy(recorded);
    run.journal().commit(attempt, Uncommitted.of(List.of(row)), () -> {});
  }

  /**
   * Takes down how the effect at a path is undone.
   *
   * @param type the type of its result
   * @return what its row says about that; null if it is not undone
   * @throws IllegalStateException if the body cannot be entered once more to undo it
   * @throws IllegalArgumentException if the name is not that of a node
   */
  <R> @Nullable RecordedUndo of(String path, TypeRef<R> type, @Nullable Compensation<R> how) {
    if (how == null) {
      return null;
    }
    requireUndoable(path, how.name());
    attempt.collect(path, new UndoCollection.Undo(how, type));
    return new RecordedUndo(how.name(), inputToStore());
  }

  /** Stored once for a body: the rounds of a repeat forget what came before. */
  private @Nullable String inputToStore() {
    String input = scope.input();
    boolean known =
        Objects.equals(input, run.claimed().input())
            || run.history().undoable().haveInputOf(scope.body());
    return known ? null : input;
  }

  private void requireUndoable(String path, String name) {
    NodePath.requireHandler(path, name);
    String reason = reason();
    if (reason != null) {
      throw new IllegalStateException(
          "'" + path + "' cannot be undone by '" + name + "': " + reason);
    }
  }

  private @Nullable String reason() {
    if (attempt.compensates() != null) {
      return "it is part of a compensation, which is not undone itself.";
    }
    if (attempt.isAtMostOnce()) {
      return "its at-most-once step is never begun twice, and undoing enters the body once more."
          + " Give the step itself a compensation.";
    }
    EffectScope around = EffectScope.current(scope);
    return around == null
        ? null
        : "it is part of effect '"
            + around.path()
            + "', which is passed by when the body is entered once more to undo it. Give that"
            + " effect a compensation, or have both in the body itself.";
  }
}
