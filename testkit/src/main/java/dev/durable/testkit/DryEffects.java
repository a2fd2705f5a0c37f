package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.TransactionEffect;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The effects of one attempt of a body. */
final class DryEffects {

  private final DryCalls calls;
  private final DryExecution run;
  private final DryAttempt attempt;
  private final DryContext context;
  private final DryUndos undos;

  DryEffects(DryCalls calls, DryUndos undos, DryContext context) {
    this.calls = calls;
    this.run = calls.run();
    this.attempt = calls.attempt();
    this.context = context;
    this.undos = undos;
  }

  <R> R run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    Objects.requireNonNull(effect, "effect");
    EffectOptions<R> options = EffectOptions.of(with);
    return once(name, type, options, work(effect, options));
  }

  /** Runs the only effect of a branch, whose place is the branch's own. */
  <R> void runHere(TypeRef<R> type, Callable<? extends R> effect, EffectOptions<R> options)
      throws Exception {
    at(attempt.path(), type, options, work(effect, options));
  }

  private <R> Code work(Callable<? extends R> effect, EffectOptions<R> options) {
    boolean closes = options.retryPolicy().isPresent() || options.timeoutLimit().isPresent();
    Object current = Objects.requireNonNullElse(CurrentContext.HERE.get(), context);
    return path ->
        calls.within(path, closes, () -> CurrentContext.HERE.<R>with(current, effect::call));
  }

  <R> R transaction(
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
        path ->
            run.script()
                .connections()
                .with(
                    path,
                    connection -> {
                      DryTransaction tx = new DryTransaction(context, connection);
                      return calls.within(
                          path, true, () -> CurrentContext.HERE.<R>with(tx, () -> effect.run(tx)));
                    }));
  }

  // ---- attempts ----

  private interface Code {
    @Nullable Object at(String path) throws Exception;
  }

  private <R> R once(String name, TypeRef<R> type, EffectOptions<R> options, Code code)
      throws Exception {
    Objects.requireNonNull(type, "type");
    return at(calls.once(name), type, options, code);
  }

  private <R> R at(String path, TypeRef<R> type, EffectOptions<R> options, Code code)
      throws Exception {
    Compensation<R> undo = options.compensation().orElse(null);
    undos.take(path, type, undo);
    String committed = run.history().result(path);
    if (committed != null) {
      return calls.readable("The result of effect '" + path + "'", () -> decode(committed, type));
    }
    run.payloads().require("result of effect '" + path + "'", type);
    StepFunction<Object, ?> stub = run.script().stubs().at(path);
    Code made = stub == null ? code : same -> stub.apply(StepValues.orVoid(null));
    String json = attempts(path, type, options.retryPolicy().orElse(null), made);
    undos.commit(path, undo);
    return decode(json, type);
  }

  private String attempts(String path, TypeRef<?> type, @Nullable RetryPolicy retry, Code code)
      throws Exception {
    requireHope(path, retry);
    attempt.requireDoing();
    while (true) {
      run.history().begins(path, run.clock().now());
      try {
        Object made = code.at(path);
        attempt.requireGoing();
        String json = run.values().encode(path, type, made).json();
        run.history().completed(path, StepType.EFFECT, run.history().attempts(path) + 1, json);
        return json;
      } catch (DryStop stop) {
        throw stop;
      } catch (Throwable thrown) {
        attempt.requireGoing();
        if (retry == null) {
          throw thrown;
        }
        failed(path, retry, thrown);
      }
    }
  }

  private void requireHope(String path, @Nullable RetryPolicy retry) {
    if (retry != null && attempt.isAtMostOnce()) {
      throw new IllegalStateException(
          "Effect '"
              + path
              + "' cannot be retried: its at-most-once step is never begun twice. Retry in a step"
              + " of its own.");
    }
    ErrorInfo failure = run.history().failure(path);
    if (retry != null && failure != null) {
      throw new EffectFailedException(path, failure);
    }
  }

  private void failed(String path, RetryPolicy policy, Throwable thrown) {
    DryFailedAttempt failed = DryFailedAttempt.of(run, policy, thrown, path);
    ErrorInfo error = failed.error();
    run.history().failed(path, StepType.EFFECT, run.history().attempts(path) + 1, error);
    if (failed.parks() && attempt.type() != StepType.COMPENSATION) {
      throw attempt.stops(new DryStop.Parks(DryErrors.exhausted(error, failed.failures())));
    }
    if (failed.pause() == null) {
      run.history().givesUp(path, error);
      throw new EffectFailedException(path, error);
    }
    try {
      run.pass(failed.pause(), path);
    } catch (DryStop over) {
      throw attempt.stops(over);
    }
  }

  private <R> R decode(String json, TypeRef<R> type) {
    return StepValues.orVoid(run.payloads().decode(json, type));
  }
}
