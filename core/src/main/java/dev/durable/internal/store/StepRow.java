package dev.durable.internal.store;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A row of an execution's history about to be stored.
 *
 * @param seq its place; given by the owner
 * @param path the node's path
 * @param type what it stands for
 * @param attempt the number of the attempt
 * @param status where it stands
 * @param output JSON, or null
 * @param error JSON, or null
 * @param elapsed how long ago the body began
 * @param opened whether a {@code running} row of this seq is already stored
 */
public record StepRow(
    int seq,
    String path,
    StepType type,
    int attempt,
    StepStatus status,
    @Nullable String output,
    @Nullable String error,
    Duration elapsed,
    boolean opened) {

  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
