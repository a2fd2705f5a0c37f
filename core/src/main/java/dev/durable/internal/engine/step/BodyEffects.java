package dev.durable.internal.engine.step;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.json.TypeRef;
import dev.durable.workflow.AttemptContext;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The effects of a body: each runs once, and its result is remembered by its name. */
final class BodyEffects {

  private final BodyScope scope;
  private final RunState run;
  private final Attempt attempt;

  /** The path of the effect that the current thread is inside of. */
  private final ThreadLocal<@Nullable String> inside = new ThreadLocal<>();

  BodyEffects(BodyScope scope) {
    this.scope = scope;
    this.run = scope.run();
    this.attempt = scope.attempt();
  }

  /** The key of the effect that the current thread is inside of, or else of the step. */
  String idempotencyKey() {
    String effect = inside.get();
    return run.id() + "/" + (effect == null ? attempt.path() : effect);
  }

  /**
   * Runs an effect, if it has no result.
   *
   * @param context what the body knows, for the code of the effect
   */
  <R> R run(AttemptContext<?> context, String name, TypeRef<R> type, Callable<R> effect)
      throws Exception {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(effect, "effect");
    String path = scope.once(name);
    scope.requireFree(path, Purpose.EFFECT);
    String json = run.history().facts().json(path);
    if (json != null) {
      return scope.readable("The result of effect '" + path + "'", () -> scope.decode(json, type));
    }
    run.services().payloads().require("result of effect '" + path + "'", type);
    return read(
        remember(path, type, inside(path, () -> CurrentContext.with(context, effect))), type);
  }

  /** While it runs, its thread is inside the effect. */
  private <R> Callable<R> inside(String path, Callable<R> effect) {
    return () -> {
      String outer = inside.get();
      inside.set(path);
      try {
        return effect.call();
      } finally {
        if (outer == null) {
          inside.remove();
        } else {
          inside.set(outer);
        }
      }
    };
  }

  private <R> JsonValue remember(String path, TypeRef<R> type, Callable<R> effect)
      throws Exception {
    scope.requireWanted();
    long beganAt = System.nanoTime();
    JsonValue data = run.services().results().encode(path, type, effect.call());
    Duration elapsed = Duration.ofNanos(System.nanoTime() - beganAt);
    StepRow row = scope.row(path, StepType.EFFECT, data, elapsed);
    run.journal().commit(attempt, Uncommitted.of(List.of(row)), () -> {});
    return data;
  }

  @SuppressWarnings("unchecked") // Read as the type that R stands for.
  private <R> R read(JsonValue data, TypeRef<R> type) {
    return (R) StepValues.orVoid(data.as(type, run.services().payloads()));
  }
}
