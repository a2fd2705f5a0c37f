package dev.durable.testkit;

import dev.durable.json.TypeRef;
import dev.durable.workflow.EffectOperations;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.TransactionEffect;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** The effects of a context. */
interface DryEffectCalls extends EffectOperations<Object> {

  DryEffects effects();

  @Override
  default <R> R run(
      String name,
      TypeRef<R> type,
      Callable<? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return effects().run(name, type, effect, with);
  }

  @Override
  default <R> R transaction(
      String name,
      TypeRef<R> type,
      TransactionEffect<Object, ? extends R> effect,
      Consumer<? super EffectOptions<R>> with)
      throws Exception {
    return effects().transaction(name, type, effect, with);
  }
}
