package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** One run: its state, and its way from the input to the end. */
final class DryExecution {

  /** As the builder of an instance has them. */
  private static final long SOFT_LIMIT = 1 << 20;

  private static final long HARD_LIMIT = 16 << 20;

  private final Workflow<?, ?> workflow;
  private final Script script;
  private final JsonCodec codec;
  private final Payloads payloads;
  private final StepValues values;
  private final DryClock clock;
  private final DryHistory history = new DryHistory();
  private final DryChildren children;
  private final ExecutionInfo info;
  private String input = "null";
  private String output = "null";

  DryExecution(
      Workflow<?, ?> workflow, Script script, JsonCodec codec, Instant begin, DryStart start) {
    this(workflow, script, codec, begin, new HashMap<>(), UUID.randomUUID(), start);
    children.take(workflow.name(), info.key(), info.id());
  }

  private DryExecution(
      Workflow<?, ?> workflow,
      Script script,
      JsonCodec codec,
      Instant begin,
      Map<String, UUID> keys,
      UUID id,
      DryStart start) {
    this.children = new DryChildren(this, keys);
    this.workflow = workflow;
    this.script = script;
    this.codec = codec;
    this.payloads = new Payloads(codec, SOFT_LIMIT, HARD_LIMIT);
    this.values = new StepValues(payloads);
    this.clock = new DryClock(begin, workflow.timeout().orElse(null));
    this.info = start.info(id, workflow);
  }

  /** A run of a child, which begins now. */
  DryExecution ofChild(Workflow<?, ?> child, UUID id, ChildOptions options) {
    return new DryExecution(
        child,
        script.ofChild(child),
        codec,
        clock.now(),
        children.keys(),
        id,
        DryStart.of(options));
  }

  // ---- the way ----

  /**
   * @throws DryStop.Misuse if the test fails: that ends the runs of the parents as well
   */
  <O> DryResult<O> run(Workflow<?, O> typed, Object given) {
    JsonValue first =
        payloads.prepare("input of workflow '" + workflow.name() + "'", given, workflow.input());
    input = first.json();
    DryEnd end = walk(first);
    if (end.status().isFinal()) {
      history.closeWaits();
    }
    String json = end.output();
    output = json == null ? output : json;
    O result = json == null ? null : payloads.decode(json, typed.output());
    return new DryResult<>(end, result, this);
  }

  private DryEnd walk(JsonValue first) {
    try {
      return DryEnd.completed(
          new DryWalk(this).sequence(workflow.root().children(), NodePath.ROOT, first).json());
    } catch (DryFailure failure) {
      requireOneTry(failure);
      return undone(failure.error(), ExecutionStatus.FAILED, true);
    } catch (DryStop.Waits waits) {
      return DryEnd.waiting(waits.what());
    } catch (DryStop.Parks parks) {
      return DryEnd.of(ExecutionStatus.PARKED, parks.reason());
    } catch (DryStop.Over over) {
      boolean cancelled = over.reason().type().equals(ErrorInfo.CANCELLED);
      CompensationTrigger trigger =
          cancelled ? CompensationTrigger.CANCEL : CompensationTrigger.TIMEOUT;
      ExecutionStatus status = cancelled ? ExecutionStatus.CANCELLED : ExecutionStatus.FAILED;
      return undone(over.reason(), status, workflow.compensatesOn(trigger));
    } catch (DryJump jump) {
      throw new IllegalStateException("nothing has the target '" + jump.target() + "'", jump);
    }
  }

  private void requireOneTry(DryFailure failure) {
    RetryPolicy policy = workflow.retryWorkflow();
    if (policy.maxAttempts() > 1 || policy.isParking()) {
      throw new DryStop.Misuse(
          new UnsupportedOperationException(
              "Workflow '"
                  + workflow.name()
                  + "' has failed ("
                  + failure.error().message()
                  + "), and its retryWorkflow decides what follows: a dry run has only one try."
                  + " Build it without that policy to see how a failure ends, or run it on the"
                  + " engine."));
    }
  }

  private DryEnd undone(ErrorInfo cause, ExecutionStatus otherwise, boolean undoes) {
    try {
      return undoes
          ? new DryCompensations(this, cause).toTheEnd(otherwise)
          : DryEnd.of(otherwise, cause);
    } catch (DryStop.Parks parks) {
      return DryEnd.of(ExecutionStatus.PARKED, parks.reason());
    }
  }

  // ---- the state ----

  Workflow<?, ?> workflow() {
    return workflow;
  }

  Script script() {
    return script;
  }

  Payloads payloads() {
    return payloads;
  }

  StepValues values() {
    return values;
  }

  DryClock clock() {
    return clock;
  }

  DryHistory history() {
    return history;
  }

  DryChildren children() {
    return children;
  }

  ExecutionInfo info() {
    return info;
  }

  String input() {
    return input;
  }

  /** The result as JSON, once it has completed. */
  String output() {
    return output;
  }

  /** What a node gets; it is parked if that cannot be read. */
  Object read(String path, JsonValue data, TypeRef<?> type) {
    try {
      return StepValues.orVoid(data.as(type, payloads));
    } catch (JsonException unreadable) {
      throw new DryStop.Parks(
          StepValues.unreadable("What step '" + path + "' gets", path, unreadable));
    }
  }

  /** Refuses to go on in a cancelled execution. */
  void requireWanted(String path) {
    if (script.takeCancel(path)) {
      throw new DryStop.Over(
          ErrorInfo.of(ErrorInfo.CANCELLED, "The script cancels it at '" + path + "'.", null));
    }
  }

  /** Time passes at a path. */
  void pass(Duration time, String path) {
    clock.pass(Objects.requireNonNull(time, "time"), path, history.lastFailure());
  }
}
