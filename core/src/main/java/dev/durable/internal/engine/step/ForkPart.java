package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.ChildEnd;
import dev.durable.internal.engine.run.Failures;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchBody;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A branch or an item of a body's fork. */
sealed interface ForkPart {

  String path();

  /** Does its work. The result is committed when this returns. */
  void run(PartContext context) throws Exception;

  /** Says how what it has done is undone: nothing else happens. */
  void collect(PartContext context) throws Exception;

  /**
   * How it ended, according to what is committed; null if it has not.
   *
   * @param body the scope of the body that forks
   * @param fork the path of the fork
   */
  default @Nullable BranchResult ended(BodyScope body, String fork) {
    ErrorInfo error = body.failure(path(), fork);
    return error == null ? completed(body.run()) : new BranchResult.Failed(error);
  }

  /** How it ended if it has not failed; null if it has not. */
  default @Nullable BranchResult completed(RunState run) {
    String json = run.history().facts().json(path());
    return json == null ? null : new BranchResult.Done(JsonValue.of(json));
  }

  /** One effect, whose row is that of the part. */
  record OfEffect<R>(
      String path, TypeRef<R> type, Callable<? extends R> effect, EffectOptions<R> options)
      implements ForkPart {

    @Override
    public void run(PartContext context) throws Exception {
      context.effects().runHere(context, type, effect, options);
    }

    @Override
    public void collect(PartContext context) throws Exception {
      run(context);
    }
  }

  /** A body of its own. */
  record OfBody<R>(String path, TypeRef<R> type, BranchBody<Object, ? extends R> body)
      implements ForkPart {

    @Override
    public void run(PartContext context) throws Exception {
      Attempt part = context.scope().attempt();
      RunState run = context.scope().run();
      run.services().payloads().require("result of '" + path + "'", type);
      R result = body.run(context);
      if (part.suspension() != null || part.parked() != null) {
        // The body has caught the error that was to end it.
        throw new SuspendedError();
      }
      context.requireJoined();
      JsonValue data = run.services().results().encode(path, type, result);
      Uncommitted end =
          Uncommitted.of(List.of(part.end(run.history(), StepStatus.COMPLETED, data.json(), null)));
      run.journal().commit(part, end.and(part.uncommitted()), part::settled);
    }

    @Override
    public void collect(PartContext context) throws Exception {
      body.run(context);
    }
  }

  /** The call of a child, whose row says how the part ended. */
  record OfChild<J, X>(String path, Workflow<J, X> child, J input, ChildOptions options)
      implements ForkPart {

    @Override
    public void run(PartContext context) {
      context.call(child, input, options);
    }

    /** A child is undone by itself. */
    @Override
    public void collect(PartContext context) {}

    @Override
    public @Nullable BranchResult completed(RunState run) {
      String called = new NodePath(path).call(child.name()).text();
      String json = run.history().facts().json(called);
      return json == null ? null : ended(WaitResult.decode(JsonValue.of(json)), called);
    }

    private BranchResult ended(WaitResult result, String called) {
      try {
        String output =
            BodyWaits.outcome(
                    result,
                    BodyChildren.what(child, called),
                    () -> ChildEnd.decode(result).outputOrThrow(child.name()))
                .orElseThrow();
        return new BranchResult.Done(JsonValue.of(output));
      } catch (RuntimeException withoutResult) {
        return new BranchResult.Failed(Failures.describe(withoutResult, path));
      }
    }
  }
}
