package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to the whole workflow. A form: it can be changed until the lambda that receives it
 * has returned. Not thread-safe.
 */
public final class WorkflowOptions {

  private final Form form = new Form();
  private int version = 1;
  private String queue = Workflow.DEFAULT_QUEUE;
  private @Nullable Duration timeout;
  private RetryPolicy retry = RetryPolicy.none();
  private RetryPolicy retryWorkflow = RetryPolicy.none();
  private Set<CompensationTrigger> compensateOn = Set.of();
  private boolean stopsCompensation;

  private WorkflowOptions() {}

  static WorkflowOptions of(Consumer<? super WorkflowOptions> with) {
    WorkflowOptions options = new WorkflowOptions();
    return options.form.filledIn(options, with);
  }

  /**
   * The version of this definition, default 1. Raise it when running executions must not see a
   * change: an execution goes on with its own version as long as that is registered.
   *
   * @throws IllegalArgumentException if less than 1
   */
  public WorkflowOptions version(int number) {
    form.requireOpen();
    if (number < 1) {
      throw new IllegalArgumentException("version must be at least 1: " + number);
    }
    this.version = number;
    return this;
  }

  /**
   * The queue that executions run in unless their start says otherwise. Default {@value
   * Workflow#DEFAULT_QUEUE}.
   */
  public WorkflowOptions queue(String name) {
    form.requireOpen();
    this.queue = Objects.requireNonNull(name, "name");
    return this;
  }

  /**
   * The longest time from the (scheduled) start to the end, waits and retries included; then the
   * execution fails with error type {@code workflow_timeout}. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public WorkflowOptions timeout(Duration limit) {
    form.requireOpen();
    this.timeout = Workflow.requirePositive(limit, "workflow timeout");
    return this;
  }

  /**
   * Whether and when a failed attempt of a step, a transaction or a decision is repeated that says
   * nothing about it, and of the body of the one-body form. Default {@link RetryPolicy#none()}.
   */
  public WorkflowOptions retry(RetryPolicy policy) {
    form.requireOpen();
    this.retry = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * Whether and when an execution that has failed is tried again as a whole, before anything is
   * undone. Default {@link RetryPolicy#none()}.
   *
   * <p>It rests for the policy's wait, without a thread or a slot, and then continues as after
   * {@code durable.retry(id)}: what has failed is tried anew with fresh attempts, in steps,
   * effects, branches, items and children; results stay, and so do failures that were handled. Each
   * failed try is a row of the history, of type {@link dev.durable.execution.StepType#RETRY} and
   * status {@code failed}. Meanwhile the execution is {@code waiting}, and {@code
   * durable.reschedule} moves its next try. After the last try it ends as without the policy, or is
   * parked if the policy says {@link RetryPolicy#thenPark()}. An operator's retry begins with fresh
   * tries.
   *
   * <p>The workflow's timeout goes on over all tries. {@link RetryPolicy#within} counts from the
   * first step of the first try. Not tried again are a cancel, a timeout, an execution that is
   * given up, and failures that a step's policy would not try again because of what was thrown, as
   * the conditions of this policy decide it when a body fails. The failures of effects, branches
   * and children that their own policies have given up are tried again. The wait of a {@link
   * dev.durable.retry.RetryAfterException} is for the policies of steps and effects; here the
   * policy's wait holds.
   *
   * <p>A workflow with an at-most-once step cannot be tried again: it is refused when it is built.
   */
  public WorkflowOptions retryWorkflow(RetryPolicy policy) {
    form.requireOpen();
    this.retryWorkflow = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * What, besides a failure, undoes the completed steps. Default: nothing else; a cancel or a
   * workflow timeout leaves everything as it is.
   */
  public WorkflowOptions compensateOn(CompensationTrigger... triggers) {
    form.requireOpen();
    this.compensateOn = Set.of(Objects.requireNonNull(triggers, "triggers"));
    return this;
  }

  /**
   * Stops undoing at the first compensation that fails. Default: the others are undone all the
   * same.
   */
  public WorkflowOptions stopCompensationOnFailure() {
    form.requireOpen();
    this.stopsCompensation = true;
    return this;
  }

  WorkflowSettings settings() {
    return new WorkflowSettings(
        version, queue, timeout, retry, retryWorkflow, compensateOn, stopsCompensation);
  }
}
