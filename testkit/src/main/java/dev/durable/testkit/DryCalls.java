package dev.durable.testkit;

import dev.durable.internal.codec.StepValues;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one attempt of a body asks for, by name. */
final class DryCalls {

  private final DryExecution run;
  private final DryAttempt attempt;
  private final Set<String> names = new HashSet<>();
  private @Nullable String effect;
  private boolean closed;

  DryCalls(DryExecution run, DryAttempt attempt) {
    this.run = run;
    this.attempt = attempt;
  }

  DryExecution run() {
    return run;
  }

  DryAttempt attempt() {
    return attempt;
  }

  /** The path of a call; each name may be asked for once. */
  String once(String name) {
    attempt.requireGoing();
    Objects.requireNonNull(name, "name");
    if (closed) {
      throw new IllegalStateException(
          "Effect '"
              + effect
              + "' asks for '"
              + name
              + "', but it has a transaction, a retry policy or a time limit. Ask for that in the"
              + " body itself.");
    }
    NodePath.requireCall(attempt.path(), name);
    if (!names.add(name)) {
      throw new IllegalStateException(
          "Step '"
              + attempt.path()
              + "' asks twice for '"
              + name
              + "'. Effects, waits and children are remembered by name: give each its own.");
    }
    return new NodePath(attempt.path()).call(name).text();
  }

  /** The path of the effect that runs, else of the body. */
  String keyPath() {
    return effect == null ? attempt.path() : effect;
  }

  interface Work<R extends @Nullable Object> {
    R call() throws Exception;
  }

  /** Runs the code of an effect. */
  <R extends @Nullable Object> R within(String path, boolean closes, Work<R> code)
      throws Exception {
    String outer = effect;
    boolean outerClosed = closed;
    effect = path;
    closed = closes;
    try {
      return code.call();
    } finally {
      effect = outer;
      closed = outerClosed;
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
