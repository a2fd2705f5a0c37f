package dev.durable.workflow;

import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What belongs to the whole workflow, as its options have said. */
record WorkflowSettings(
    int version,
    String queue,
    @Nullable Duration timeout,
    RetryPolicy retry,
    RetryPolicy retryWorkflow,
    Set<CompensationTrigger> compensateOn,
    boolean stopsCompensation) {}
