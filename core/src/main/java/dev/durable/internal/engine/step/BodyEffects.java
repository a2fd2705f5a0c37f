package dev.durable.internal.engine.step;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.step.EffectTransaction.EffectInTransaction;
import dev.durable.internal.store.journal.RecordedUndo;
import dev.durable.json.TypeRef;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.TransactionEffect;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The effects of a body: each runs once, and its result is remembered by its name. */
final class BodyEffects {

  private final BodyScope scope;
  private final RunState run;
  private final EffectAttempts attempts;
  private final BodyUndos undos;

  BodyEffects(BodyScope scope, BodyUndos undos) {
    this.scope = scope;
    this.run = scope.run();
    this.attempts = new EffectAttempts(scope);
    this.undos = undos;
  }

  /** The key of the effect that the current thread is inside of, or else of the step. */
  String idempotencyKey() {
    scope.requireNotPast("its idempotency key");
    EffectScope effect = EffectScope.current(scope);
    return run.id() + "/" + (effect == null ? scope.innermost().attempt().path() : effect.path());
  }

  /**
   * Runs an effect, if it has no result.
   *
   * @param context what the body knows, for the code of the effect
   */
  <R> R run(
      AttemptContext<Object> context,
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    Objects.requireNonNull(effect, "effect");
    EffectOptions<R> options = EffectOptions.of(with);
    return once(name, type, options, work(context, type, effect, options));
  }

  /** Runs the only effect of a branch, whose place is the branch's own. */
  <R> R runHere(
      AttemptContext<Object> context,
      TypeRef<R> type,
      Callable<? extends R> effect,
      EffectOptions<R> options)
      throws Exception {
    return at(scope.attempt().path(), type, options, work(context, type, effect, options));
  }

  private <R> Work work(
      AttemptContext<Object> context,
      TypeRef<R> type,
      Callable<? extends R> effect,
      EffectOptions<R> options) {
    return (path, undo) -> {
      EffectTask task = EffectTask.of(context, path, options, false, undo);
      return attempts.run(task, () -> attempts.attempt(task, type, effect));
    };
  }

  /** The same for an effect whose SQL commits together with its result. */
  <R> R transaction(
      AttemptContext<Object> context,
      String name,
      TypeRef<R> type,
      TransactionEffect<Object, ? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    Objects.requireNonNull(effect, "effect");
    EffectOptions<R> options = EffectOptions.of(with);
    return once(
        name,
        type,
        options,
        (path, undo) -> {
          EffectTask task = EffectTask.of(context, path, options, true, undo);
          return attempts.run(
              task,
              () -> new EffectRepeats(scope, task).run(new EffectInTransaction(type, effect)));
        });
  }

  /** Runs the attempts of an effect, and commits its result. */
  private interface Work {
    JsonValue at(String path, @Nullable RecordedUndo undo) throws Exception;
  }

  private <R> R once(String name, TypeRef<R> type, EffectOptions<R> options, Work work)
      throws Exception {
    Objects.requireNonNull(type, "type");
    return at(scope.once(name), type, options, work);
  }

  private <R> R at(String path, TypeRef<R> type, EffectOptions<R> options, Work work)
      throws Exception {
    RecordedUndo undo = undos.of(path, type, options.compensation().orElse(null));
    scope.requireFree(path, Purpose.EFFECT);
    String json = run.history().facts().json(path);
    if (json != null) {
      return scope.readable("The result of effect '" + path + "'", () -> scope.decode(json, type));
    }
    run.services().payloads().require("result of effect '" + path + "'", type);
    return read(work.at(path, undo), type);
  }

  @SuppressWarnings("unchecked") // Read as the type that R stands for.
  private <R> R read(JsonValue data, TypeRef<R> type) {
    return (R) StepValues.orVoid(data.as(type, run.services().payloads()));
  }
}
