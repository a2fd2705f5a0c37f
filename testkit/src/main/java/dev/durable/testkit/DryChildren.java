package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.StepValues;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.ChildKeyTakenException;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The children that a run calls: stubs, or dry runs of their own. */
final class DryChildren {

  private final DryExecution run;
  private final Map<String, DryResult<?>> results = new LinkedHashMap<>();

  private final Map<String, UUID> keys;

  /**
   * @param keys which execution has which key; shared with the parent
   */
  DryChildren(DryExecution run, Map<String, UUID> keys) {
    this.run = run;
    this.keys = keys;
  }

  Map<String, UUID> keys() {
    return keys;
  }

  /** Takes a key for a child; returns the execution that has it already. */
  @Nullable UUID take(String workflow, @Nullable String key, UUID child) {
    return key == null ? null : keys.putIfAbsent(workflow + "\0" + key, child);
  }

  Map<String, DryResult<?>> results() {
    return Collections.unmodifiableMap(new LinkedHashMap<>(results));
  }

  /** The end of a child, or null if it does not end within the limit. */
  <J, X> @Nullable Map<String, String> call(
      String path, Workflow<J, X> child, J input, @Nullable Duration limit, ChildOptions options) {
    UUID id = UUID.randomUUID();
    UUID holder = take(child.name(), options.key(), id);
    if (holder != null) {
      return Map.of("holder", holder.toString());
    }
    StepFunction<?, ?> stub = run.script().child(child.name());
    return stub == null
        ? runDry(path, child, input, limit, id, options)
        : ofStub(child, input, stub);
  }

  private <J, X> Map<String, String> ofStub(
      Workflow<J, X> child, J input, StepFunction<?, ?> stub) {
    @SuppressWarnings("unchecked") // The script's signatures made sure that the types fit.
    StepFunction<Object, Object> instead = (StepFunction<Object, Object>) stub;
    String what = "input of workflow '" + child.name() + "'";
    Object given =
        run.payloads().prepare(what, input, child.input()).as(child.input(), run.payloads());
    try {
      return completed(
          run.values()
              .encode(child.name(), child.output(), instead.apply(StepValues.orVoid(given)))
              .json());
    } catch (DryStop stop) {
      throw stop;
    } catch (Throwable thrown) {
      return ended(ExecutionStatus.FAILED, DryErrors.of(thrown, child.name(), List.of()));
    }
  }

  private <J, X> @Nullable Map<String, String> runDry(
      String path,
      Workflow<J, X> child,
      J input,
      @Nullable Duration limit,
      UUID id,
      ChildOptions options) {
    DryExecution own = run.ofChild(child, id, options);
    DryResult<X> result = own.run(child, input);
    results.put(path, result);
    boolean late = limit != null && result.time().compareTo(limit) > 0;
    if (late || !result.status().isFinal()) {
      return null;
    }
    run.pass(result.time(), path);
    if (result.status() == ExecutionStatus.COMPLETED) {
      return completed(own.output());
    }
    ErrorInfo none = ErrorInfo.of(ErrorInfo.CANCELLED, "it left no reason", null);
    return ended(result.status(), result.error().orElse(none));
  }

  private static Map<String, String> completed(String json) {
    return Map.of("status", ExecutionStatus.COMPLETED.text(), "output", json);
  }

  private static Map<String, String> ended(ExecutionStatus status, ErrorInfo error) {
    return Map.of(
        "status", status.text(),
        "error", InternalJson.write(error),
        "id", UUID.randomUUID().toString());
  }

  static String outputOrThrow(Map<String, String> end, String workflow) {
    String output = end.get("output");
    if (output != null) {
      return output;
    }
    String holder = end.get("holder");
    if (holder != null) {
      throw new ChildKeyTakenException(workflow, UUID.fromString(holder));
    }
    throw new ChildFailedException(
        workflow,
        UUID.fromString(end.get("id")),
        ExecutionStatus.of(Objects.requireNonNull(end.get("status"))),
        Objects.requireNonNull(InternalJson.error(end.get("error"))));
  }
}
