package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchBody;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A branch or an item of a body's fork. */
sealed interface DryForkPart {

  String path();

  /** Does its work, and remembers its result. */
  void run(DryContext context) throws Exception;

  /** Says how what it has done is undone: nothing else happens. */
  void collect(DryContext context) throws Exception;

  /** How it ended, according to what is remembered; null if it has not. */
  default @Nullable DryPart ended(DryExecution run) {
    ErrorInfo failure = run.history().failure(path());
    return failure == null ? completed(run) : new DryPart.Failed(failure);
  }

  /** How it ended if it has not failed; null if it has not. */
  default @Nullable DryPart completed(DryExecution run) {
    String json = run.history().result(path());
    return json == null ? null : new DryPart.Done(JsonValue.of(json));
  }

  /** One effect, whose row is that of the part. */
  record OfEffect<R>(
      String path, TypeRef<R> type, Callable<? extends R> effect, EffectOptions<R> options)
      implements DryForkPart {

    @Override
    public void run(DryContext context) throws Exception {
      context.effects().runHere(type, effect, options);
    }

    @Override
    public void collect(DryContext context) throws Exception {
      run(context);
    }
  }

  /**
   * A body of its own.
   *
   * @param item what a stub gets: the item, or null for a branch
   */
  record OfBody<R>(
      String path, @Nullable Object item, TypeRef<R> type, BranchBody<Object, ? extends R> body)
      implements DryForkPart {

    @Override
    public void run(DryContext context) throws Exception {
      DryExecution run = context.run();
      run.payloads().require("result of '" + path + "'", type);
      Object result = result(context);
      context.current().requireGoing();
      context.requireJoined();
      String json = run.values().encode(path, type, result).json();
      run.history().completed(path, StepType.EFFECT, context.current().number(), json);
    }

    @Override
    public void collect(DryContext context) throws Exception {
      result(context);
    }

    private @Nullable Object result(DryContext context) throws Exception {
      StepFunction<Object, ?> stub = context.run().script().stubs().at(path);
      return stub == null ? body.run(context) : stub.apply(StepValues.orVoid(item));
    }
  }

  /** The call of a child, whose row says how the part ended. */
  record OfChild<J, X>(String path, Workflow<J, X> child, J input, ChildOptions options)
      implements DryForkPart {

    @Override
    public void run(DryContext context) {
      context.call(child, input, options);
    }

    /** A child is undone by itself. */
    @Override
    public void collect(DryContext context) {}

    @Override
    public @Nullable DryPart completed(DryExecution run) {
      String called = new NodePath(path).call(child.name()).text();
      String json = run.history().result(called);
      if (json == null) {
        return null;
      }
      try {
        return new DryPart.Done(
            JsonValue.of(
                DryWaits.WaitEnd.read(json)
                    .outcome(
                        "the result of '" + child.name() + "' at '" + called + "'",
                        end -> DryChildren.outputOrThrow(end, child.name()))
                    .orElseThrow()));
      } catch (RuntimeException withoutResult) {
        return new DryPart.Failed(DryErrors.of(withoutResult, path, List.of()));
      }
    }
  }
}
