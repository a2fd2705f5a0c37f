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
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.ChildKeyTakenException;
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
    return call(scope.once(name), child, input, limit, ChildOptions.of(with));
  }

  /** Calls a child at a path. */
  private <J, O> WaitOutcome<O> call(
      String path, Workflow<J, O> child, J input, @Nullable Duration limit, ChildOptions options) {
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
    return BodyWaits.outcome(result, what(child, path), () -> result(path, child, result));
  }

  /** Calls a child for an item, and waits for its result. */
  <J, O> O call(Workflow<J, O> child, J input, ChildOptions options) {
    return call(scope.once(child.name()), child, input, null, options).orElseThrow();
  }

  /** The result of a child, in words. */
  static String what(Workflow<?, ?> child, String path) {
    return "the result of '" + child.name() + "' at '" + path + "'";
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
    while (true) {
      requireFree(child.name(), options.key());
      StartRow start =
          waits.answered(() -> run.services().children().prepare(child, input, options));
      try {
        commit(start, path, purpose, options);
        return start.id();
      } catch (RejectedEntryException rejected) {
        if (!SqlFailure.isKeyTaken(rejected)) {
          throw rejected;
        }
      }
    }
  }

  /**
   * Checks that no execution has the key of a child, which may change until the child is committed.
   *
   * @param key the key, or null
   */
  private void requireFree(String workflow, @Nullable String key) {
    UUID holder =
        key == null ? null : waits.answered(() -> run.services().children().holder(workflow, key));
    if (holder != null) {
      throw new ChildKeyTakenException(workflow, holder);
    }
  }

  private void commit(StartRow start, String path, Purpose purpose, ChildOptions options) {
    JsonValue data =
        JsonValue.of(JsonFields.join(purpose.and(Map.of("child", InternalJson.write(start.id())))));
    StepRow row = scope.row(path, StepType.CHILD, data, Duration.ZERO).starting(start.id());
    run.waits().startedChild();
    run.journal()
        .commit(
            scope.attempt(),
            Uncommitted.of(row, WaitTargets.starting(start, path, options, false)),
            () -> {});
  }
}
