package dev.durable.internal.engine.step;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
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

  /** The effect that the current thread is inside of. */
  private final ThreadLocal<@Nullable String> inside = new ThreadLocal<>();

  BodyEffects(BodyScope scope) {
    this.scope = scope;
    this.run = scope.run();
    this.attempt = scope.attempt();
  }

  /** The key of the effect that the current thread is inside of, or else of the step. */
  String idempotencyKey() {
    String effect = inside.get();
    return effect == null ? keyOfStep() : idempotencyKey(effect);
  }

  String idempotencyKey(String effect) {
    return new NodePath(keyOfStep()).call(effect).text();
  }

  private String keyOfStep() {
    return run.id() + "/" + attempt.path();
  }

  <R> R run(String name, TypeRef<R> type, Callable<R> effect) throws Exception {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(effect, "effect");
    String path = scope.once(name);
    scope.requireFree(path, Purpose.EFFECT);
    String json = run.history().facts().json(path);
    if (json != null) {
      return scope.readable("The result of effect '" + path + "'", () -> scope.decode(json, type));
    }
    run.services().payloads().require("result of effect '" + path + "'", type);
    return read(remember(path, type, inside(name, effect)), type);
  }

  /** While it runs, its thread is inside the effect. */
  private <R> Callable<R> inside(String name, Callable<R> effect) {
    return () -> {
      String outer = inside.get();
      inside.set(name);
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
