package dev.durable.internal.engine.step;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.ChildEnd;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.engine.wait.WaitLimit;
import dev.durable.internal.engine.wait.WaitTargets;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The children of a body: workflows that it calls, or starts without waiting for them. */
final class BodyChildren {

  private final BodyScope scope;
  private final RunState run;
  private final BodyWaits waits;

  BodyChildren(BodyScope scope, BodyWaits waits) {
    this.scope = scope;
    this.run = scope.run();
    this.waits = waits;
  }

  /**
   * Calls a child, and waits for its result.
   *
   * @param limit the longest time, or null
   */
  <J, O> WaitOutcome<O> call(
      String name,
      Workflow<J, O> child,
      J input,
      @Nullable Duration limit,
      Consumer<? super ChildOptions> with) {
    Objects.requireNonNull(child, "child");
    String path = scope.once(name);
    ChildOptions options = ChildOptions.of(with);
    if (waits.isNew(path)) {
      run.services()
          .payloads()
          .require("result of workflow '" + child.name() + "' at '" + path + "'", child.output());
    }
    WaitTargets.Call call =
        new WaitTargets.Call(
            path,
            child.name(),
            options,
            () -> former(path, child.name()),
            () -> run.services().children().prepare(child, input, options));
    WaitResult result = waits.await(path, WaitLimit.of(limit), call);
    return BodyWaits.outcome(
        result,
        "the result of '" + child.name() + "' at '" + path + "'",
        () -> result(path, child, result));
  }

  private <O> O result(String path, Workflow<?, O> child, WaitResult result) {
    String output = ChildEnd.decode(result).outputOrThrow(child.name());
    return scope.readable(
        "The result of child '" + child.name() + "' at '" + path + "'",
        () -> scope.decode(output, child.output()));
  }

  /** The child that an operator's retry lets continue here; null if there is none. */
  private @Nullable UUID former(String path, String workflow) {
    UUID former = run.history().facts().formerChild(path);
    if (former == null || !run.services().children().goesOn(former, workflow)) {
      return null;
    }
    run.waits().forget("child:" + former);
    return former;
  }

  <J> UUID start(String name, Workflow<J, ?> child, J input, Consumer<? super ChildOptions> with) {
    Objects.requireNonNull(child, "child");
    String path = scope.once(name);
    Purpose purpose = Purpose.of(Purpose.Kind.START, child.name());
    scope.requireFree(path, purpose);
    String known = run.history().facts().json(path);
    if (known != null) {
      return InternalJson.read(
          Objects.requireNonNull(JsonFields.split(known).get("child")), TypeRef.of(UUID.class));
    }
    scope.attempt().requireDoing(path);
    scope.requireWanted();
    ChildOptions options = ChildOptions.of(with);
    StartRow start = waits.answered(() -> run.services().children().prepare(child, input, options));
    JsonValue data =
        JsonValue.of(JsonFields.join(purpose.and(Map.of("child", InternalJson.write(start.id())))));
    StepRow row = scope.row(path, StepType.CHILD, data, Duration.ZERO).starting(start.id());
    run.waits().startedChild();
    run.journal()
        .commit(
            scope.attempt(),
            Uncommitted.of(row, WaitTargets.starting(start, path, options)),
            () -> {});
    return start.id();
  }
}
