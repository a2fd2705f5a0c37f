package dev.durable.execution;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One row of an execution's history: an attempt of a step, or a memoised effect.
 *
 * @param executionId the execution
 * @param seq its place in the history
 * @param path the node's path in the definition, such as {@code charge}, or {@code body/mail} for
 *     an effect
 * @param name the last part of the path
 * @param type what it stands for
 * @param attempt the number of the attempt; the first is 1
 * @param status where it stands
 * @param output the result as JSON, once completed
 * @param error why it failed, or null
 * @param startedAt when the body began; if it was entered more than once, or its parts rested, when
 *     the first entry came to something that is in the history
 * @param completedAt when the attempt ended, or null while it runs
 * @param wakeAt when the next attempt or round is due, or was; null if none followed by itself
 * @param compensates the path of the step that this attempt undoes, or null
 * @param childId the execution that this row started, or null
 */
public record StepExecution(
    UUID executionId,
    int seq,
    String path,
    String name,
    StepType type,
    int attempt,
    StepStatus status,
    @Nullable String output,
    @Nullable ErrorInfo error,
    Instant startedAt,
    @Nullable Instant completedAt,
    @Nullable Instant wakeAt,
    @Nullable String compensates,
    @Nullable UUID childId) {}
