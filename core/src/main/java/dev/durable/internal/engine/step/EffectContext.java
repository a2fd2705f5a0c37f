package dev.durable.internal.engine.step;

import dev.durable.json.TypeRef;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.EffectOperations;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.TransactionEffect;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** A context whose code can have effects: it hands them on to the class that runs them. */
interface EffectContext extends AttemptContext<Object>, EffectOperations<Object> {

  BodyEffects effects();

  @Override
  default <R> R run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return effects().run(this, name, type, effect, with);
  }

  @Override
  default <R> R transaction(
      String name,
      TypeRef<R> type,
      TransactionEffect<Object, ? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return effects().transaction(this, name, type, effect, with);
  }
}
