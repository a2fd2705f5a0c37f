package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.Into;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.TransactionBody;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs what has a body. */
final class DrySteps {

  private final DryExecution run;
  private final DryAttempts attempts;

  DrySteps(DryExecution run) {
    this.run = run;
    this.attempts = new DryAttempts(run);
  }

  /** What the engine evaluates once. */
  interface Function {
    @Nullable Object of(DryContext context) throws Exception;
  }

  /** Turns what was evaluated into what is stored. */
  interface Encoding {
    JsonValue of(@Nullable Object made);
  }

  JsonValue step(Node.Step step, String path, JsonValue input) throws DryFailure {
    StepBody<Object, Object, Object> body = unchecked(step.body());
    boolean waitsOnly = step.purpose() != Node.Purpose.WORK;
    return attempts.run(
        StepType.STEP,
        path,
        step.settings(),
        attempt -> {
          attempt.gets(input.json());
          DryContext context = new DryContext(run, attempt, waitsOnly);
          Object data = run.read(path, input.copy(), step.input());
          Object result = in(context, data, body);
          return run.values().encode(path, step.output(), result);
        },
        handler(step, path, input));
  }

  JsonValue transaction(Node.Transaction step, String path, JsonValue input) throws DryFailure {
    TransactionBody<Object, Object, Object> body = unchecked(step.body());
    return attempts.run(
        StepType.TRANSACTION,
        path,
        step.settings(),
        attempt -> {
          DryContext context = new DryContext(run, attempt, false);
          Object data = run.read(path, input.copy(), step.input());
          Object result = inTransaction(context, data, body);
          return run.values().encode(path, step.output(), result);
        },
        handler(step, path, input));
  }

  /** Makes a node's result of its failure; null if the node does not. */
  private DryAttempts.@Nullable Handler handler(Node node, String path, JsonValue input) {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    Into<Object, ErrorInfo, Object> instead =
        (Into<Object, ErrorInfo, Object>) node.settings().onFailure();
    if (instead == null) {
      return null;
    }
    return (attempt, failure) -> {
      DryContext context = new DryContext(run, attempt, false);
      Object data = run.read(path, input.copy(), node.input());
      Object result = CurrentContext.HERE.with(context, () -> instead.into(data, failure));
      attempt.end();
      return run.values().encode(path, node.output(), result);
    };
  }

  /**
   * Enters a body once more, to collect how what it has done is undone. Whatever ends that entry,
   * nothing is done.
   */
  void collect(Node.Step step, String path, JsonValue input, DryCollection collection) {
    int last = Math.max(1, run.history().attempts(path));
    DryAttempt entry =
        new DryAttempt(path, StepType.STEP, last, step.settings().atMostOnce(), collection);
    entry.gets(input.json());
    try {
      Object data = run.read(path, input.copy(), step.input());
      in(new DryContext(run, entry, false), data, unchecked(step.body()));
    } catch (DryStop.Misuse wrong) {
      throw wrong;
    } catch (Throwable ended) {
      // What the body has not said until here, it does not say.
      entry.requireNoMisuse();
    } finally {
      entry.closes();
    }
  }

  private @Nullable Object inTransaction(
      DryContext context, Object data, TransactionBody<Object, Object, Object> body)
      throws Exception {
    StepFunction<Object, ?> stub = run.script().stubs().at(context.path());
    if (stub != null) {
      return in(context, data, (same, step) -> stub.apply(same));
    }
    return run.script()
        .connections()
        .with(
            context.path(),
            connection -> {
              DryTransaction tx = new DryTransaction(context, connection);
              Object result = CurrentContext.HERE.with(tx, () -> body.run(data, tx));
              context.current().end();
              return result;
            });
  }

  DryWalk.Decided decide(Node.Decide decide, String path, JsonValue input) throws DryFailure {
    StepBody<Object, Object, Object> body = unchecked(decide.body());
    DryWalk.@Nullable Decided[] decided = new DryWalk.Decided[1];
    attempts.run(
        StepType.DECISION,
        path,
        decide.settings().retry(),
        attempt -> {
          DryContext context = new DryContext(run, attempt, false);
          Object data = run.read(path, input.copy(), decide.input());
          Object decision = in(context, data, body);
          DryWalk.Decided made = DryWalk.Decided.of(decide, path, decision, run);
          decided[0] = made;
          return JsonValue.of(InternalJson.write(made));
        });
    return Objects.requireNonNull(decided[0]);
  }

  /** Runs a body, or what stands for it, as the current code. */
  private @Nullable Object in(
      DryContext context, Object data, StepBody<Object, Object, Object> body) throws Exception {
    StepFunction<Object, ?> stub = run.script().stubs().at(context.path());
    Object result =
        CurrentContext.HERE.with(
            context, () -> stub == null ? body.run(data, context) : stub.apply(data));
    context.current().requireGoing();
    context.requireJoined();
    context.current().end();
    return result;
  }

  /** Evaluates a function of the definition, such as a join or a list of items, once. */
  JsonValue evaluate(StepType type, String path, TypeRef<?> result, Function work)
      throws DryFailure {
    return evaluate(type, path, work, made -> run.values().encode(path, result, made));
  }

  JsonValue evaluate(StepType type, String path, Function work, Encoding stored) throws DryFailure {
    return attempts.run(
        type,
        path,
        RetryPolicy.none(),
        attempt -> {
          DryContext context = new DryContext(run, attempt, false);
          Object value = CurrentContext.HERE.with(context, () -> work.of(context));
          attempt.end();
          return stored.of(value);
        });
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  static StepBody<Object, Object, Object> unchecked(StepBody<?, ?, ?> body) {
    return (StepBody<Object, Object, Object>) body;
  }

  @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
  private static TransactionBody<Object, Object, Object> unchecked(TransactionBody<?, ?, ?> body) {
    return (TransactionBody<Object, Object, Object>) body;
  }
}
