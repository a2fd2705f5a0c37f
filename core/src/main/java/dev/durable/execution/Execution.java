package dev.durable.execution;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution as the database had it at the moment of the query. Times are the database's.
 *
 * @param id the id
 * @param workflow the workflow's name
 * @param version the version of its definition
 * @param fingerprint the hash of the definition that moved it last, or null if that is not known
 * @param key the business key, or null
 * @param formerKey the business key that it had until a later start took it, or null
 * @param status where it stands
 * @param queue the queue it runs in
 * @param priority higher first
 * @param input the input as JSON
 * @param output the result as JSON, once completed
 * @param error why it failed, was cancelled or is parked, or null
 * @param currentStep the path of the step it was last seen at, for people
 * @param tags the tags given at the start
 * @param worker the id of the worker that owns it, while running
 * @param lockToken how often ownership has changed: the fencing token
 * @param recoveries how often it lost its owner
 * @param wakeAt when it is due, while pending or waiting
 * @param deadlineAt when its workflow timeout strikes, if it has one
 * @param scheduledAt the start asked for, or null
 * @param startedAt when it was first claimed, or null
 * @param completedAt when it ended, or null
 * @param compensatedAt when everything had been undone, or null
 * @param compensations what has been undone, in that order; empty if nothing was
 * @param schedule the schedule that started it, or null
 * @param scheduledFor the tick of that schedule, or null; one that was triggered has none
 * @param parentId the execution that started it, or null
 * @param parentStep where in that execution, or null
 * @param insertedAt when it was stored
 * @param updatedAt when its row last changed
 */
public record Execution(
    UUID id,
    String workflow,
    int version,
    @Nullable String fingerprint,
    @Nullable String key,
    @Nullable String formerKey,
    ExecutionStatus status,
    String queue,
    int priority,
    String input,
    @Nullable String output,
    @Nullable ErrorInfo error,
    @Nullable String currentStep,
    Map<String, String> tags,
    @Nullable UUID worker,
    long lockToken,
    int recoveries,
    @Nullable Instant wakeAt,
    @Nullable Instant deadlineAt,
    @Nullable Instant scheduledAt,
    @Nullable Instant startedAt,
    @Nullable Instant completedAt,
    @Nullable Instant compensatedAt,
    List<CompensationResult> compensations,
    @Nullable String schedule,
    @Nullable Instant scheduledFor,
    @Nullable UUID parentId,
    @Nullable String parentStep,
    Instant insertedAt,
    Instant updatedAt) {}
