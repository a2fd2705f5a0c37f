package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.EffectAction;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.TransactionEffect;
import dev.durable.workflow.TransactionEffectAction;
import java.util.ArrayList;
import java.util.List;
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

  DryEffects(DryCalls calls, DryContext context) {
    this.calls = calls;
    this.run = calls.run();
    this.attempt = calls.attempt();
    this.context = context;
  }

  <R> R run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    Objects.requireNonNull(effect, "effect");
    EffectOptions<R> options = EffectOptions.of(with);
    boolean closes = options.retryPolicy().isPresent() || options.timeoutLimit().isPresent();
    Object current = Objects.requireNonNullElse(CurrentContext.HERE.get(), context);
    return once(
        name,
        type,
        options,
        path ->
            calls.within(path, closes, () -> CurrentContext.HERE.<R>with(current, effect::call)));
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

  // ---- without a result ----

  void run(String name, EffectAction effect, Consumer<? super EffectOptions<Void>> with)
      throws Exception {
    Objects.requireNonNull(effect, "effect");
    run(
        name,
        TypeRef.of(Void.class),
        () -> {
          effect.run();
          return StepValues.orVoid(null);
        },
        with);
  }

  void transaction(
      String name,
      TransactionEffectAction<Object> effect,
      Consumer<? super EffectOptions<Void>> with)
      throws Exception {
    Objects.requireNonNull(effect, "effect");
    transaction(
        name,
        TypeRef.of(Void.class),
        tx -> {
          effect.run(tx);
          return StepValues.orVoid(null);
        },
        with);
  }

  // ---- attempts ----

  private interface Code {
    @Nullable Object at(String path) throws Exception;
  }

  private <R> R once(String name, TypeRef<R> type, EffectOptions<R> options, Code code)
      throws Exception {
    Objects.requireNonNull(type, "type");
    String path = calls.once(name);
    String committed = run.history().result(path);
    if (committed != null) {
      return calls.readable("The result of effect '" + path + "'", () -> decode(committed, type));
    }
    run.payloads().require("result of effect '" + path + "'", type);
    StepFunction<Object, ?> stub = run.script().stubs().at(path);
    Code made = stub == null ? code : same -> stub.apply(StepValues.orVoid(null));
    return decode(attempts(path, type, options.retryPolicy().orElse(null), made), type);
  }

  private String attempts(String path, TypeRef<?> type, @Nullable RetryPolicy retry, Code code)
      throws Exception {
    while (true) {
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

  private void failed(String path, RetryPolicy policy, Throwable thrown) {
    List<Throwable> broken = new ArrayList<>();
    int failures = run.history().failures(path) + 1;
    boolean again = policy.allows(thrown, failures, broken::add);
    boolean parks =
        !again
            && attempt.type() != StepType.COMPENSATION
            && policy.parks(thrown, failures, broken::add);
    ErrorInfo error = DryErrors.of(thrown, path, broken);
    run.history().failed(path, StepType.EFFECT, run.history().attempts(path) + 1, error);
    if (parks) {
      throw attempt.stops(new DryStop.Parks(DryErrors.exhausted(error, failures)));
    }
    if (!again) {
      throw new EffectFailedException(path, error);
    }
    try {
      new DryAttempts(run).pause(path, policy, thrown, failures);
    } catch (DryStop over) {
      throw attempt.stops(over);
    }
  }

  private <R> R decode(String json, TypeRef<R> type) {
    return StepValues.orVoid(run.payloads().decode(json, type));
  }
}
