package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.Objects;
import java.util.concurrent.Callable;

/** Makes the bodies of nodes of what the builder's users give. */
final class Nodes {

  private Nodes() {}

  static <I, T, R> StepBody<I, T, R> withoutContext(StepFunction<? super T, ? extends R> body) {
    Objects.requireNonNull(body, "body");
    return (data, step) -> body.apply(data);
  }

  /** The type of a parameter that is named otherwise. */
  static <R> TypeRef<R> typeOf(Class<R> type, String name) {
    return TypeRef.of(Objects.requireNonNull(type, name));
  }

  static <I, T> StepActionBody<I, T> withoutContext(StepAction<? super T> body) {
    Objects.requireNonNull(body, "body");
    return (data, step) -> body.run(data);
  }

  /** A body that has no result. */
  @SuppressWarnings("NullAway") // Of type Void.
  static <I> StepBody<I, I, Void> withoutResult(StepActionBody<I, I> body) {
    return (data, step) -> {
      body.run(data, step);
      return null;
    };
  }

  /** The body of an item that has no result. */
  @SuppressWarnings("NullAway") // Of type Void.
  static <I, E> StepBody<I, E, Void> acting(StepActionBody<I, ? super E> body) {
    Objects.requireNonNull(body, "body");
    return (item, each) -> {
      body.run(item, each);
      return null;
    };
  }

  /** The body of a branch that has no result. */
  @SuppressWarnings("NullAway") // Of type Void.
  static <I> BranchBody<I, Void> acting(BranchAction<I> body) {
    Objects.requireNonNull(body, "body");
    return branch -> {
      body.run(branch);
      return null;
    };
  }

  /** An effect that has no result. */
  static Callable<Void> acting(EffectAction effect) {
    Objects.requireNonNull(effect, "effect");
    return () -> {
      effect.run();
      return null;
    };
  }

  /** A transactional effect that has no result. */
  @SuppressWarnings("NullAway") // Of type Void.
  static <I> TransactionEffect<I, Void> acting(TransactionEffectAction<I> effect) {
    Objects.requireNonNull(effect, "effect");
    return tx -> {
      effect.run(tx);
      return null;
    };
  }

  /** A body whose result goes into the data. */
  static <I, T, R> StepBody<I, T, T> joined(
      StepBody<I, ? super T, ? extends R> body, Into<? super T, ? super R, ? extends T> into) {
    Objects.requireNonNull(body, "body");
    Objects.requireNonNull(into, "into");
    return (data, step) -> {
      R result = body.run(data, step);
      return into.into(data, result);
    };
  }

  /** A transaction whose result goes into the data. */
  static <I, T, R> TransactionBody<I, T, T> joined(
      TransactionBody<I, ? super T, ? extends R> body,
      Into<? super T, ? super R, ? extends T> into) {
    Objects.requireNonNull(body, "body");
    Objects.requireNonNull(into, "into");
    return (data, tx) -> {
      R result = body.run(data, tx);
      return into.into(data, result);
    };
  }
}
