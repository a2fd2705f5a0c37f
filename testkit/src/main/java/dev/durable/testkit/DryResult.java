package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a dry run ended. Immutable.
 *
 * @param <O> the workflow's result
 */
public final class DryResult<O> {

  private final ExecutionStatus status;
  private final @Nullable O output;
  private final @Nullable ErrorInfo error;
  private final @Nullable String waitsFor;
  private final List<DryStep> history;
  private final Map<String, DryResult<?>> children;
  private final Duration time;
  private final List<String> unused;

  DryResult(DryEnd end, @Nullable O output, DryExecution run) {
    this.status = end.status();
    this.output = output;
    this.error = end.error();
    this.waitsFor = end.waitsFor();
    this.history = run.history().rows();
    this.children = run.children().results();
    this.time = run.clock().passed();
    this.unused = run.script().unused();
  }

  /**
   * The status that the execution would have: completed, failed, cancelled, parked, waiting,
   * compensated or compensation_failed.
   */
  public ExecutionStatus status() {
    return status;
  }

  /** The result; empty unless it completed, and for a Void. */
  public Optional<O> output() {
    return Optional.ofNullable(output);
  }

  /** Why it failed, was cancelled or was parked; empty otherwise. */
  public Optional<ErrorInfo> error() {
    return Optional.ofNullable(error);
  }

  /** Whether it was parked. */
  public boolean parked() {
    return status == ExecutionStatus.PARKED;
  }

  /**
   * What it waits for without a limit and without anything in the script, as in {@code event 'paid'
   * at 'payment/payment'}; empty unless it waits.
   */
  public Optional<String> waitsFor() {
    return Optional.ofNullable(waitsFor);
  }

  /** The rows of its history, in the order in which they ended. */
  public List<DryStep> history() {
    return history;
  }

  /** The paths of what has completed, compensations included, in order. */
  public List<String> completed() {
    return history.stream()
        .filter(row -> row.status() == StepStatus.COMPLETED && row.type() != StepType.PROGRESS)
        .map(DryStep::path)
        .toList();
  }

  /** The paths of the compensations that have completed, in order. */
  public List<String> compensated() {
    return history.stream()
        .filter(row -> row.type() == StepType.COMPENSATION)
        .filter(row -> row.status() == StepStatus.COMPLETED)
        .map(DryStep::path)
        .toList();
  }

  /** The dry runs of the children that were called and had no stub, by the path of the call. */
  public Map<String, DryResult<?>> children() {
    return children;
  }

  /** The time that sleeps, limits and pauses between attempts would have taken. */
  public Duration time() {
    return time;
  }

  /**
   * What the script has and the run did not need, as in {@code event 'paid'} and {@code stub at
   * 'body/charge'}.
   */
  public List<String> unused() {
    return unused;
  }

  /**
   * The result.
   *
   * @throws IllegalStateException if it has none; the message says how the run ended
   */
  public O outputOrThrow() {
    if (output == null) {
      throw new IllegalStateException("The dry run has no output: " + this);
    }
    return output;
  }

  @Override
  public String toString() {
    String why = error == null ? "" : ", " + error.type() + ": " + error.message();
    String waits = waitsFor == null ? "" : ", for " + waitsFor;
    return status.text() + why + waits + ", after " + history;
  }
}
