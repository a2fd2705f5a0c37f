package dev.durable.testkit;

import dev.durable.internal.codec.StepValues;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.text.RefusedCall;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.json.JsonException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one attempt of a body asks for, by name. */
final class DryCalls {

  private final @Nullable DryCalls whole;
  private final DryExecution run;
  private final DryAttempt attempt;
  private final Set<String> names = new HashSet<>();
  private final Here here;

  /** The effect that the thread is inside of. */
  private record Effect(DryCalls body, String path, boolean closed) {}

  /** What runs now, of a body and its parts. */
  private static final class Here {
    private @Nullable Effect effect;
    private @Nullable DryCalls part;
  }

  DryCalls(DryExecution run, DryAttempt attempt) {
    this(run, attempt, null, new Here());
  }

  private DryCalls(DryExecution run, DryAttempt attempt, @Nullable DryCalls whole, Here here) {
    this.run = run;
    this.attempt = attempt;
    this.whole = whole;
    this.here = here;
  }

  /** The calls of a branch or an item of this body. */
  DryCalls part(DryAttempt part) {
    return new DryCalls(run, part, this, here);
  }

  private boolean isWithin(DryCalls body) {
    return this == body || (whole != null && whole.isWithin(body));
  }

  DryExecution run() {
    return run;
  }

  DryAttempt attempt() {
    return attempt;
  }

  /** The path of a call; each name may be asked for once. */
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
    attempt.requireGoing();
    Effect effect = effect();
    if (effect != null && effect.closed()) {
      throw RefusedCall.inClosedEffect(effect.path(), what);
    }
  }

  /** Refuses a call on the context of a body, branch or item that has ended. */
  private void requireNotOver(String what) {
    if (attempt.isOver()) {
      throw RefusedCall.afterItsEnd(attempt.path(), what);
    }
  }

  /** Refuses a call by code of a part of this body, or of another execution. */
  private void requireOwnCode(String what) {
    Effect effect = here.effect;
    DryCalls other = effect == null ? current() : effect.body();
    if (other != null && other != this) {
      String code = "'" + other.attempt.path() + "'";
      throw RefusedCall.byOtherCode(
          other.run == run ? code : code + " of execution " + other.run.info().id(),
          attempt.path(),
          what);
    }
  }

  private static @Nullable DryCalls current() {
    return CurrentContext.HERE.get() instanceof DryContext context ? context.calls() : null;
  }

  /** Refuses a call by a compensation on the context of the body that it was declared in. */
  void requireNotPast(String what) {
    if (attempt.isCollecting() && !attempt.isOpen()) {
      throw RefusedCall.byCompensation(body(), what);
    }
  }

  /** The path of the whole body. */
  private String body() {
    return whole == null ? attempt.path() : whole.body();
  }

  private @Nullable Effect effect() {
    Effect effect = here.effect;
    return effect != null && effect.body().isWithin(this) ? effect : null;
  }

  /** The path of the effect that runs; null if none does. */
  @Nullable String effectPath() {
    Effect effect = effect();
    return effect == null ? null : effect.path();
  }

  /** The path of the effect that runs, else of the body. */
  String keyPath() {
    String effect = effectPath();
    DryCalls part = here.part;
    return effect != null
        ? effect
        : (part != null && part.isWithin(this) ? part : this).attempt.path();
  }

  interface Work<R extends @Nullable Object> {
    R call() throws Exception;
  }

  /** Runs the code of an effect. */
  <R extends @Nullable Object> R within(String path, boolean closes, Work<R> code)
      throws Exception {
    return within(new Effect(this, path, closes), here.part, code);
  }

  /** Runs the code of this part. */
  <R extends @Nullable Object> R asPart(Work<R> code) throws Exception {
    return within(null, this, code);
  }

  private <R extends @Nullable Object> R within(
      @Nullable Effect effect, @Nullable DryCalls part, Work<R> code) throws Exception {
    Effect outer = here.effect;
    DryCalls outerPart = here.part;
    here.effect = effect;
    here.part = part;
    try {
      return code.call();
    } finally {
      here.effect = outer;
      here.part = outerPart;
    }
  }

  /** Reads a committed value; the execution is parked if that is not possible. */
  <T> T readable(String what, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (JsonException unreadable) {
      throw attempt.stops(
          new DryStop.Parks(StepValues.unreadable(what, attempt.path(), unreadable)));
    }
  }
}
