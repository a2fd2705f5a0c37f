package dev.durable.internal.store.journal;

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
 * @param step the attempt that it is about
 * @param state the state of that attempt
 * @param began when the body was entered first
 * @param opened whether another row of this seq may be stored, or be on its way: an end takes the
 *     place of a row that shows a start, and never the other way round
 * @param next when the next attempt or round is due
 * @param child the execution that this row started, or null
 * @param undo how the effect is undone that this row is about, or null
 */
public record StepRow(
    Step step,
    State state,
    Began began,
    boolean opened,
    Next next,
    @Nullable UUID child,
    @Nullable RecordedUndo undo) {

  /**
   * An attempt of a step.
   *
   * @param seq the place of the row; given by the owner
   * @param path the node's path
   * @param type the kind of row
   * @param attempt the number of the attempt
   * @param compensates the path of the step that this undoes, or null
   */
  public record Step(
      int seq, String path, StepType type, int attempt, @Nullable String compensates) {}

  /**
   * The state of an attempt.
   *
   * @param status its status
   * @param output JSON, or null
   * @param error JSON, or null
   */
  public record State(StepStatus status, @Nullable String output, @Nullable String error) {}

  /**
   * When the body was entered first.
   *
   * @param elapsed how long ago that was
   * @param at by the database's clock, if that is another time than {@code elapsed} ago; or null
   */
  public record Began(Duration elapsed, @Nullable Instant at) {}

  /**
   * When the next attempt or round is due.
   *
   * @param in after this time, or null
   * @param at at this time, or null
   */
  public record Next(@Nullable Duration in, @Nullable Instant at) {
    /** There will be none. */
    public static final Next NONE = new Next(null, null);
  }

  /** A row of an attempt that may compensate another step. */
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
        new Step(seq, path, type, attempt, compensates),
        new State(status, output, error),
        new Began(elapsed, null),
        opened,
        new Next(wakeIn, null),
        null,
        null);
  }

  /** A row of an attempt that no other one follows by itself. */
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

  /** The same, but the next attempt is due in that time. */
  public StepRow wakingIn(@Nullable Duration wait) {
    return with(state, new Next(wait, null), child);
  }

  /** The same, but the next attempt is due at that time. */
  public StepRow wakingAt(Instant time) {
    return with(state, new Next(null, time), child);
  }

  /** The same, having started that execution. */
  public StepRow starting(UUID execution) {
    return with(state, next, execution);
  }

  /** The same, to be undone in that way. */
  public StepRow undoneBy(@Nullable RecordedUndo how) {
    return new StepRow(step, state, began, opened, next, child, how);
  }

  /** The same with an error beside its output. */
  public StepRow because(String reason) {
    return with(new State(state.status, state.output, reason), next, child);
  }

  /** The same as the failure of the attempt. */
  public StepRow failing(String reason) {
    return with(new State(StepStatus.FAILED, null, reason), Next.NONE, child);
  }

  /** The same, having been entered first at that time. */
  public StepRow beganAt(@Nullable Instant time) {
    return new StepRow(step, state, new Began(began.elapsed, time), opened, next, child, undo);
  }

  private StepRow with(State now, Next then, @Nullable UUID execution) {
    return new StepRow(step, now, began, opened, then, execution, undo);
  }

  /** The place of the row. */
  public int seq() {
    return step.seq;
  }

  /** The node's path. */
  public String path() {
    return step.path;
  }

  /** The kind of row. */
  public StepType type() {
    return step.type;
  }

  /** The number of the attempt. */
  public int attempt() {
    return step.attempt;
  }

  /** The path of the step that this undoes, or null. */
  public @Nullable String compensates() {
    return step.compensates;
  }

  /** The status of the attempt. */
  public StepStatus status() {
    return state.status;
  }

  /** JSON of the result, or null. */
  public @Nullable String output() {
    return state.output;
  }

  /** JSON of the error, or null. */
  public @Nullable String error() {
    return state.error;
  }

  /** How long ago the body was entered first. */
  public Duration elapsed() {
    return began.elapsed;
  }

  /** The time until the next attempt or round is due, if that is not a point in time; or null. */
  public @Nullable Duration wakeIn() {
    return next.in;
  }

  @Nullable String undoneBy() {
    return undo == null ? null : undo.compensation();
  }

  @Nullable String bodyInput() {
    return undo == null ? null : undo.input();
  }

  String name() {
    return NodePath.last(step.path);
  }
}
