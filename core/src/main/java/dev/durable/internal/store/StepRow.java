package dev.durable.internal.store;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.text.NodePath;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
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
 * @param elapsed how long ago the body was entered first
 * @param opened whether another row of this seq may be stored, or be on its way: an end takes the
 *     place of what shows a start, and never the other way round
 * @param wakeIn how long until the next attempt or round is due, or null if there will be none
 * @param compensates the path of the step that this undoes, or null
 * @param wakeAt when what follows is due, if that is a point in time; or null
 * @param child the execution that this row started, or null
 * @param beganAt when the body was entered first, by the database's clock, if that is another time
 *     than {@code elapsed} ago; or null
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
    boolean opened,
    @Nullable Duration wakeIn,
    @Nullable String compensates,
    @Nullable Instant wakeAt,
    @Nullable UUID child,
    @Nullable Instant beganAt) {

  /** A row that has nothing to do with waiting for others. */
  public StepRow(
      int seq,
      String path,
      StepType type,
      int attempt,
      StepStatus status,
      @Nullable String output,
      @Nullable String error,
      Duration elapsed,
      boolean opened,
      @Nullable Duration wakeIn,
      @Nullable String compensates) {
    this(
        seq,
        path,
        type,
        attempt,
        status,
        output,
        error,
        elapsed,
        opened,
        wakeIn,
        compensates,
        null,
        null,
        null);
  }

  /** A row that nothing follows by itself. */
  public StepRow(
      int seq,
      String path,
      StepType type,
      int attempt,
      StepStatus status,
      @Nullable String output,
      @Nullable String error,
      Duration elapsed,
      boolean opened) {
    this(seq, path, type, attempt, status, output, error, elapsed, opened, null, null);
  }

  /** The same, but what follows is due in that time. */
  public StepRow wakingIn(@Nullable Duration wait) {
    return with(status, output, error, wait, null, child);
  }

  /** The same, but what follows is due at that time. */
  public StepRow wakingAt(Instant time) {
    return with(status, output, error, null, time, child);
  }

  /** The same, having started that execution. */
  public StepRow starting(UUID execution) {
    return with(status, output, error, wakeIn, wakeAt, execution);
  }

  /** The same with an error beside its output. */
  public StepRow because(String reason) {
    return with(status, output, reason, wakeIn, wakeAt, child);
  }

  /** The same as the failure of what was to be stored. */
  public StepRow failing(String reason) {
    return with(StepStatus.FAILED, null, reason, null, null, child);
  }

  private StepRow with(
      StepStatus now,
      @Nullable String result,
      @Nullable String reason,
      @Nullable Duration wait,
      @Nullable Instant time,
      @Nullable UUID execution) {
    return new StepRow(
        seq,
        path,
        type,
        attempt,
        now,
        result,
        reason,
        elapsed,
        opened,
        wait,
        compensates,
        time,
        execution,
        beganAt);
  }

  /** The same, having been entered first at that time. */
  public StepRow beganAt(@Nullable Instant time) {
    return new StepRow(
        seq,
        path,
        type,
        attempt,
        status,
        output,
        error,
        elapsed,
        opened,
        wakeIn,
        compensates,
        wakeAt,
        child,
        time);
  }

  String name() {
    return NodePath.last(path);
  }
}
