package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.BodySuspension;
import dev.durable.internal.engine.run.ParkedError;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.RetriedCalls;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.wait.Standing;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WakeCondition;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.text.RefusedCall;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.internal.thread.ThreadBound;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The part of a body's context that all its calls share: effects, waits and children have names,
 * each of which a body uses once, and stored values, which park the execution if they cannot be
 * read.
 */
final class BodyScope {

  private static final ThreadBound<BodyScope> HERE = new ThreadBound<>();

  private final @Nullable BodyScope whole;
  private final Strand strand;
  private final RunState run;
  private final Attempt attempt;
  private final @Nullable String input;
  private final Standing standing;
  private final Set<String> names = ConcurrentHashMap.newKeySet();

  /**
   * @param input what the body got, as JSON; null if it is not a step's
   */
  BodyScope(Strand strand, Attempt attempt, @Nullable String input) {
    this(strand, attempt, input, null);
  }

  private BodyScope(
      Strand strand, Attempt attempt, @Nullable String input, @Nullable BodyScope whole) {
    this.whole = whole;
    this.strand = strand;
    this.run = strand.run();
    this.attempt = attempt;
    this.input = input;
    this.standing = new Standing(run);
  }

  RunState run() {
    return run;
  }

  Attempt attempt() {
    return attempt;
  }

  /** What the body got, as JSON; null if it is not a step's. */
  @Nullable String input() {
    return input;
  }

  // ---- parts ----

  /** Whether it is the scope of that body, or of a part of it. */
  boolean isWithin(BodyScope body) {
    return this == body || (whole != null && whole.isWithin(body));
  }

  /** The path of the whole body. */
  String body() {
    return whole == null ? attempt.path() : whole.body();
  }

  /** The scope of a part of this body. */
  BodyScope part(Attempt part) {
    return new BodyScope(strand, part, input, this);
  }

  /** Runs the code of this part. */
  void run(Object context, Callable<?> code) throws Exception {
    HERE.with(this, () -> CurrentContext.HERE.with(context, code));
  }

  /** The innermost part of this body that the current thread runs. */
  BodyScope innermost() {
    EffectScope effect = EffectScope.current(this);
    BodyScope here = effect == null ? HERE.get() : effect.body();
    return here != null && here.isWithin(this) ? here : this;
  }

  // ---- names ----

  /** The path of a call of this body. Refuses a name that it has used before. */
  String once(String name) {
    requireCalls("'" + name + "'");
    Objects.requireNonNull(name, "name");
    NodePath.requireCall(attempt.path(), name);
    if (!names.add(name)) {
      throw RefusedCall.twice(attempt.path(), name);
    }
    return new NodePath(attempt.path()).call(name).text();
  }

  /**
   * Checks that the body can make a call from here.
   *
   * @param what the call asks for
   */
  void requireCalls(String what) {
    requireNotPast(what);
    requireNotOver(what);
    requireOwnCode(what);
    if (attempt.isLeft()) {
      throw new SuspendedError();
    }
    EffectScope effect = EffectScope.current(this);
    if (effect != null && effect.isClosed()) {
      throw RefusedCall.inClosedEffect(effect.path(), what);
    }
  }

  /**
   * Refuses a call on the context of a body, branch or item that has ended, and was not stopped.
   */
  private void requireNotOver(String what) {
    if (attempt.isOver() && !strand.isStopped()) {
      throw RefusedCall.afterItsEnd(attempt.path(), what);
    }
  }

  /**
   * Refuses a call by code of a part of this body, or of another execution: it would be remembered
   * in the wrong place. A thread that the body has started itself has no context of its own.
   */
  private void requireOwnCode(String what) {
    EffectScope effect = EffectScope.current();
    Object here = effect == null ? CurrentContext.HERE.get() : effect.body();
    if (here instanceof Scoped context) {
      here = context.scope();
    }
    if (here instanceof BodyScope other && other != this) {
      String code = "'" + other.attempt.path() + "'";
      throw RefusedCall.byOtherCode(
          other.run == run ? code : code + " of execution " + other.run.id(), attempt.path(), what);
    }
  }

  /** Refuses a call by a compensation on the context of the body that it was declared in. */
  void requireNotPast(String what) {
    if (attempt.collection() != null && !attempt.isOpen()) {
      throw RefusedCall.byCompensation(body(), what);
    }
  }

  /** Refuses a name that the body used for another purpose before its code was changed. */
  void requireFree(String path, Purpose purpose) {
    ErrorInfo difference = standing.difference(attempt.path(), path, purpose);
    if (difference != null) {
      throw parks(difference);
    }
  }

  /** Parks the execution, for the code or what it gives has changed. */
  ParkedError parks(ErrorInfo difference) {
    attempt.parks(difference, List.of());
    return new ParkedError(difference.message());
  }

  static void requireNonNull(@Nullable Object given, String what, String path) {
    if (given == null) {
      throw new NullPointerException("The " + what + " of '" + path + "' is null.");
    }
  }

  // ---- failures ----

  /**
   * Why an effect, branch or item has failed for good; null if it has not, or is tried anew after
   * an operator's retry.
   *
   * @param call the path of the effect or the fork
   */
  @Nullable ErrorInfo failure(String path, String call) {
    ErrorInfo error = run.history().attempts().failure(path);
    // Whether the only effect of a branch is tried anew, the body has decided that forks.
    return error != null || path.equals(attempt.path())
        ? error
        : run.history().facts().handledFailure(path, new RetriedCalls.Call(attempt.path(), call));
  }

  // ---- stopping ----

  /** Whether the body's work is no longer needed, or the body has been left. */
  boolean isCancelled() {
    EffectScope effect = EffectScope.current(this);
    BodyScope here = innermost();
    return here.isUnwanted() || here.attempt.isLeft() || (effect != null && effect.isOver());
  }

  boolean isUnwanted() {
    return strand.isStopped() || !attempt.isOpen();
  }

  /**
   * @throws StoppedError if the body's work is no longer needed
   */
  void requireWanted() {
    if (isUnwanted()) {
      throw strand.isStopped()
          ? strand.stoppedError()
          : run.stoppedError(
              "'" + attempt.path() + (attempt.isOver() ? "' has ended" : "' is no longer needed"));
    }
  }

  /**
   * Whether the current thread has left this body, or one that it is a part of. What its code then
   * returns, or throws, is thrown away: it is called again.
   */
  boolean hasLeftHere() {
    return attempt.hasLeftHere() || (whole != null && whole.hasLeftHere());
  }

  /** Leaves the body, which is entered again after that time. */
  SuspendedError rests(Duration time) {
    attempt.suspends(new BodySuspension(Uncommitted.NOTHING, WakeCondition.after(time), Map.of()));
    return new SuspendedError();
  }

  /**
   * @throws StoppedError if the whole strand has been stopped, not only this attempt of the body
   */
  void requireRunning() {
    strand.requireWanted();
  }

  // ---- values ----

  /**
   * A stored value.
   *
   * @param what names the value, for the reason
   * @throws ParkedError if it cannot be read
   */
  <T> T readable(String what, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (JsonException unreadable) {
      throw parks(what, List.of(), unreadable);
    }
  }

  /** Parks the execution, for a value cannot be read. */
  ParkedError parks(String what, List<StepRow> marks, JsonException why) {
    attempt.parks(StepValues.unreadable(what, attempt.path(), why), marks);
    return new ParkedError(what + " cannot be read");
  }

  <T> T decode(String json, TypeRef<T> type) {
    return StepValues.orVoid(run.services().payloads().decode(json, type));
  }

  /** The row of a fact of this body. */
  StepRow row(String path, StepType type, JsonValue data, Duration elapsed) {
    return new StepRow(
        run.history().nextSeq(path),
        path,
        type,
        1,
        StepStatus.COMPLETED,
        data.json(),
        null,
        elapsed,
        false);
  }
}
